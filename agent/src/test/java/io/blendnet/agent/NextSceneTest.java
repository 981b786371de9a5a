package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.blendnet.blender.HostMemory;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The scene of the next lease while the present one is rendered, by the real Blender. */
class NextSceneTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Tile WHOLE = new Tile(0, 0, TestingScene.WIDTH, TestingScene.HEIGHT);
  private static final Cell CELL = new Cell(WHOLE, new SampleRange(0, 4));

  /** Enough to keep two cores busy for minutes. */
  private static final int ENDLESS = 2_000_000;

  private static final Cell ENDLESS_CELL = new Cell(WHOLE, new SampleRange(0, ENDLESS));
  private static final HostMemory PLENTY = new HostMemory(64L << 30, 60L << 30);
  private static final HostMemory NONE = new HostMemory(64L << 30, 1L << 20);

  /** What the agent logs. */
  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
    }

    long count(String words) {
      return lines.stream().filter(line -> line.contains(words)).count();
    }

    void await(String words) {
      org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> count(words) > 0);
    }
  }

  @TempDir Path folder;
  private final Lines log = new Lines();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.blendnet.agent");
  private volatile HostMemory memory = PLENTY;
  private TestingAgent agent;
  private SceneOrder present;
  private SceneOrder next;

  @BeforeEach
  void startAgentThatRenders() throws Exception {
    log.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(log);
    agent = TestingAgent.start(folder, () -> memory);
    present = agent.upload(TestingScene.make(), Optional.of(ENDLESS));
    next = agent.upload(TestingScene.make(), Optional.of(4));
    agent.lease(1, present, TestingAgent.render(0, ENDLESS_CELL));
    agent.awaitRendering(1, 0);
  }

  @AfterEach
  void stopAgent() {
    agent.close();
    logger.detachAppender(log);
    logger.setAdditive(true);
    logger.setLevel(null);
    assertThat(TestingAgent.blenders()).isEmpty();
  }

  @Test
  void theNextSceneIsOpenWhenItsTurnComes() throws Exception {
    agent.lease(2, next, TestingAgent.render(0, CELL));
    log.await("ahead in");
    assertThat(TestingAgent.blenders()).hasSize(2);

    agent.client().cancelLease(new LeaseId(1), 1);
    agent.awaitCell(2, 0);

    assertThat(loaded(2)).isFalse();
    assertThat(log.count("Took over")).isEqualTo(1);
    assertThat(log.count("Opened project/scene.blend in")).as("opened in its turn").isEqualTo(1);
    agent.lease(3, next, TestingAgent.render(0, CELL));
    agent.awaitCell(3, 0);
    assertThat(loaded(3)).as("it stays open").isFalse();
  }

  @Test
  void aSceneWhoseLeaseIsCancelledGoes() throws Exception {
    agent.lease(2, next, TestingAgent.render(0, CELL));
    log.await("ahead in");

    agent.client().cancelLease(new LeaseId(2), 1);

    await().atMost(PATIENCE).until(() -> TestingAgent.blenders().size() == 1);
    assertThat(agent.client().status().running()).containsExactly("a task");
    agent.lease(3, next, TestingAgent.render(0, CELL));
    agent.client().cancelLease(new LeaseId(1), 1);
    agent.awaitCell(3, 0);
  }

  @Test
  void aSceneThatCannotBeOpenedFailsInItsTurnAndIsTriedAheadOnce() throws Exception {
    Path text = Files.writeString(folder.resolve("text.blend"), "This is no scene");
    SceneOrder broken =
        new SceneOrder(
            "project/text.blend",
            Optional.empty(),
            Optional.empty(),
            Map.of("project/text.blend", agent.upload(text)),
            Optional.empty(),
            Optional.empty(),
            true,
            false);
    agent.lease(2, broken, TestingAgent.render(0, CELL));
    log.await("was not opened ahead");
    agent.readOn(Duration.ofSeconds(1));
    assertThat(agent.reports()).noneMatch(WorkReport.Failed.class::isInstance);

    agent.client().cancelLease(new LeaseId(1), 1);

    assertThat(agent.awaitFailure(2).failure()).isEqualTo(FailureKind.SCENE);
    assertThat(log.count("was not opened ahead")).isEqualTo(1);
  }

  @Test
  void whereMemoryGetsShortTheSceneGoesAndIsOpenedInItsTurn() throws Exception {
    agent.lease(2, next, TestingAgent.render(0, CELL));
    log.await("ahead in");

    memory = NONE;
    await().atMost(PATIENCE).until(() -> TestingAgent.blenders().size() == 1);
    memory = PLENTY;
    await()
        .during(Duration.ofSeconds(1))
        .atMost(PATIENCE)
        .until(() -> TestingAgent.blenders().size() == 1);

    agent.client().cancelLease(new LeaseId(1), 1);
    agent.awaitCell(2, 0);
    assertThat(loaded(2)).isTrue();
    assertThat(log.count("Took over")).isZero();
  }

  private boolean loaded(long lease) {
    return agent.reports().stream()
        .filter(WorkReport.Activity.class::isInstance)
        .map(WorkReport.Activity.class::cast)
        .anyMatch(
            activity -> activity.lease() == lease && activity.text().equals("Loading the scene"));
  }
}
