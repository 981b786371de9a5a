package io.blendnet.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.ParsedTaskConfig;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Blender says it has saved is not believed. */
class BadCellsTest {
  private static final Cell WHOLE =
      new Cell(
          new Tile(0, 0, TestingScene.WIDTH, TestingScene.HEIGHT),
          new SampleRange(0, TestingScene.SAMPLES));

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void aSpoiltCellIsNeverDeliveredAndTheNextLeaseIsRenderedAnew() throws Exception {
    LyingBlender blender = LyingBlender.in(folder);
    try (TestingAgent agent =
        TestingAgent.start(folder, blender.installation(), AgentLimits.DEFAULT)) {
      SceneOrder order = agent.upload(TestingScene.make(), Optional.empty());
      long lease = 0;
      for (String lie : new String[] {"short", "empty", "garbage", "samples"}) {
        lease++;
        blender.spoilNext(lie);
        agent.lease(lease, order, TestingAgent.render(0, WHOLE));

        WorkReport.Failed failed = agent.awaitFailure(lease);
        assertThat(failed.failure()).as(lie).isEqualTo(FailureKind.BLENDER);
        assertThat(failed.cell()).as(lie).contains(0);
        assertThat(failed.lines()).as(lie).isNotEmpty();
      }
      assertThat(agent.reports()).noneMatch(WorkReport.Rendered.class::isInstance);
      agent.lease(9, order, TestingAgent.render(0, WHOLE));
      WorkReport.Rendered good = agent.awaitCell(9, 0);
      assertThat(deliveries(agent)).as("nothing but the good cell is left").hasSize(1);
      agent.client().deleteDelivery(good.delivery().id());
      assertThat(deliveries(agent)).isEmpty();
    }
  }

  @Test
  void aLeaseIsRenderedThoughItsSessionIsEndedForTheCellBeforeIt() throws Exception {
    LyingBlender blender = LyingBlender.in(folder);
    try (TestingAgent agent =
        TestingAgent.start(folder, blender.installation(), AgentLimits.DEFAULT)) {
      SceneOrder order = agent.upload(TestingScene.make(), Optional.of(400));
      Cell longer = new Cell(WHOLE.tile(), new SampleRange(0, 400));
      blender.spoilNext("short");
      agent.lease(1, order, TestingAgent.render(0, WHOLE), TestingAgent.render(1, longer));
      agent.lease(2, order, TestingAgent.render(0, longer));

      assertThat(agent.awaitFailure(1).cell()).contains(0);
      agent.awaitCell(2, 0);
      assertThat(agent.reports())
          .filteredOn(WorkReport.Rendered.class::isInstance)
          .extracting(report -> ((WorkReport.Rendered) report).lease())
          .containsExactly(2L);
    }
  }

  @Test
  void aTaskOfTheAgentsOwnThatFailedGoesOnFromTheSamplesThatItHas() throws Exception {
    LyingBlender blender = LyingBlender.in(folder);
    TestingScene scene = TestingScene.make();
    TaskName task = new TaskName("again");
    TaskConfig config =
        ParsedTaskConfig.parse(
                "{\"project\": \"scene.blend\", \"frame\": 1, \"samples\": 3000}".getBytes(UTF_8))
            .config();
    try (TestingAgent agent =
        TestingAgent.start(folder, blender.installation(), AgentLimits.DEFAULT)) {
      AgentClient client = agent.client();
      client.putFile(task, "//scene.blend", scene.blend(), TransferProgress.NONE);
      client.configure(task, config);
      client.run(task);
      await().atMost(PATIENCE).until(() -> client.status(task).samplesDone() > 0);
      await()
          .atMost(PATIENCE)
          .until(() -> {
            blender.spoilNext("short");
            return !client.task(task).state().isActive();
          });
      blender.beHonest();
      TaskStatus failed = client.status(task);
      assertThat(failed.task().state()).isEqualTo(TaskState.ERROR);
      assertThat(failed.task().stateErrorInfo()).isPresent();
      int stored = failed.progress().cellsStored();

      client.run(task);

      await().atMost(PATIENCE).until(() -> !client.task(task).state().isActive());
      assertThat(client.task(task).state()).isEqualTo(TaskState.COMPLETED);
      assertThat(client.task(task).stateErrorInfo()).isEmpty();
      assertThat(client.status(task).progress().cellsStored()).isGreaterThan(stored);
    }
  }

  private static List<Path> deliveries(TestingAgent agent) throws IOException {
    try (Stream<Path> files = Files.list(agent.data().resolve("deliveries"))) {
      return files.toList();
    }
  }
}
