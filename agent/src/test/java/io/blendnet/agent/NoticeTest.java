package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that is told to end, as when its machine is about to be taken away. */
class NoticeTest {
  private static final Tile WHOLE = new Tile(0, 0, TestingScene.WIDTH, TestingScene.HEIGHT);
  private static final Duration LONG_NOTICE = Duration.ofMinutes(10);
  private static final int ENDLESS = 2_000_000;
  private static final Cell BRIEF = new Cell(WHOLE, new SampleRange(0, 50));
  private static final Cell FOREVER = new Cell(WHOLE, new SampleRange(0, ENDLESS));

  @TempDir Path folder;
  private TestingAgent agent;
  private SceneOrder scene;

  @BeforeEach
  void startAgent() throws Exception {
    agent = TestingAgent.start(folder);
    scene = agent.upload(TestingScene.make(), Optional.of(ENDLESS));
  }

  @AfterEach
  void stopAgent() {
    agent.close();
  }

  @Test
  void anAgentWithoutWorkSaysThatItEndsAndIsReadyAtOnce() throws Exception {
    agent.server().terminate("The machine is taken away", LONG_NOTICE);

    assertThat(agent.client().status().terminating()).isTrue();
    assertThat(agent.client().attach().terminating()).isTrue();
    WorkReport.Terminating said = agent.awaitReport(WorkReport.Terminating.class, _ -> true);
    assertThat(said.reason()).isEqualTo("The machine is taken away");
    assertThat(said.left()).isEqualTo(LONG_NOTICE);
    assertThatThrownBy(() -> agent.lease(1, scene, new WorkStep.Open()))
        .isInstanceOfSatisfying(
            FarmException.Refused.class,
            refused -> assertThat(refused.code()).contains(ErrorCode.UNAVAILABLE));
  }

  @Test
  void cellsThatFitIntoTheNoticeAreRenderedAndAllIsFetchedBeforeTheEnd() throws Exception {
    SceneOrder other = agent.upload(TestingScene.make(), Optional.of(4));
    agent.lease(
        1,
        scene,
        TestingAgent.render(0, BRIEF),
        TestingAgent.render(1, BRIEF),
        TestingAgent.render(2, BRIEF));
    agent.lease(2, scene, TestingAgent.render(0, BRIEF));
    agent.lease(3, other, TestingAgent.render(0, BRIEF), TestingAgent.render(5, BRIEF));
    agent.lease(4, other, new WorkStep.Open());
    WorkReport.Rendered first = agent.awaitCell(1, 0);

    FutureTask<Void> end = terminate(LONG_NOTICE);

    assertThat(returned(3)).as("of this scene nothing is known").containsExactly(0, 5);
    assertThat(returned(4)).isEmpty();
    List<WorkReport.Rendered> rendered =
        List.of(first, agent.awaitCell(1, 1), agent.awaitCell(1, 2), agent.awaitCell(2, 0));
    assertThat(agent.client().attach().leases())
        .extracting(lease -> lease.lease())
        .containsExactly(1L, 2L);
    assertThat(end.isDone()).as("results are still here").isFalse();
    for (WorkReport.Rendered cell : rendered) {
      agent.client().deleteDelivery(cell.delivery().id());
    }
    agent.readOn(Duration.ZERO);
    end.get();
    assertThat(agent.reports())
        .filteredOn(WorkReport.Returned.class::isInstance)
        .extracting(report -> ((WorkReport.Returned) report).lease())
        .containsExactlyInAnyOrder(3L, 4L);
  }

  @Test
  void aCellInProgressThatWillNotBeDoneIsGivenBackAtOnceForThoseThatWill() throws Exception {
    agent.lease(
        1,
        scene,
        TestingAgent.render(0, BRIEF),
        TestingAgent.render(1, FOREVER),
        TestingAgent.render(2, FOREVER),
        TestingAgent.render(3, BRIEF));
    WorkReport.Rendered first = agent.awaitCell(1, 0);
    agent.awaitRendering(1, 1);

    FutureTask<Void> end = terminate(LONG_NOTICE);

    agent.awaitReport(WorkReport.Returned.class, report -> report.cells().equals(List.of(1)));
    agent.awaitReport(WorkReport.Returned.class, report -> report.cells().equals(List.of(2)));
    WorkReport.Rendered last = agent.awaitCell(1, 3);
    agent.client().deleteDelivery(first.delivery().id());
    agent.client().deleteDelivery(last.delivery().id());
    agent.readOn(Duration.ZERO);
    end.get();
    assertThat(agent.reports()).noneMatch(WorkReport.Failed.class::isInstance);
    assertThat(agent.client().attach().leases()).isEmpty();
  }

  @Test
  void aCellOfWhichNothingIsKnownIsGivenBackWhenTheNoticeIsNearlyOver() throws Exception {
    agent.lease(1, scene, TestingAgent.render(3, FOREVER));
    agent.awaitRendering(1, 3);

    FutureTask<Void> end = terminate(Duration.ofSeconds(2));

    assertThat(returned(1)).containsExactly(3);
    agent.readOn(Duration.ZERO);
    end.get();
    assertThat(agent.client().attach().leases()).isEmpty();
  }

  @Test
  void theEndDoesNotWaitLongerThanTheNoticeForAManagerThatIsGone() throws Exception {
    agent.lease(1, scene, TestingAgent.render(0, BRIEF));
    agent.awaitCell(1, 0);

    agent.server().terminate("A test", Duration.ofMillis(300));

    assertThat(agent.client().attach().leases()).hasSize(1);
  }

  @Test
  void closingEndsTheNotice() throws Exception {
    agent.lease(1, scene, TestingAgent.render(0, FOREVER));
    agent.awaitRendering(1, 0);
    FutureTask<Void> end = terminate(LONG_NOTICE);
    agent.awaitReport(WorkReport.Terminating.class, _ -> true);

    agent.close();

    end.get();
    assertThat(TestingAgent.blenders()).isEmpty();
  }

  @Test
  void theManagerMayAskForTheEnd() throws Exception {
    var asked = agent.server().endAsked().toCompletableFuture();
    assertThat(asked).isNotDone();

    agent.client().end();
    agent.client().end();

    assertThat(asked.get()).isNotBlank();
  }

  private FutureTask<Void> terminate(Duration notice) {
    var end =
        new FutureTask<Void>(() -> {
          agent.server().terminate("A test", notice);
          return null;
        });
    Thread.ofPlatform().daemon().start(end);
    return end;
  }

  private List<Integer> returned(long lease) throws Exception {
    return agent.awaitReport(WorkReport.Returned.class, report -> report.lease() == lease).cells();
  }
}
