package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.Cell;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.HeldLease;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Managers that come, go, and come back while they should not. */
class OwnershipTest {
  private static final Tile WHOLE = new Tile(0, 0, TestingScene.WIDTH, TestingScene.HEIGHT);
  private static final Cell CELL = new Cell(WHOLE, new SampleRange(0, TestingScene.SAMPLES));
  private static final int ENDLESS = 2_000_000;

  @TempDir Path folder;
  private final TestingScene scene = TestingScene.make();
  private TestingAgent agent;

  @BeforeEach
  void startAgent() throws Exception {
    agent = TestingAgent.start(folder);
  }

  @AfterEach
  void stopAgent() {
    agent.close();
  }

  @Test
  void aManagerThatStartedLaterTakesOverAndTheEarlierOneCanDoNothingMore() throws Exception {
    SceneOrder order = agent.upload(scene, Optional.empty());
    agent.lease(1, order, TestingAgent.render(0, CELL));
    WorkReport.Rendered rendered = agent.awaitCell(1, 0);

    try (AgentClient later = agent.clientOf(TestingAgent.manager(2, "second"))) {
      assertRefused(ErrorCode.STALE_EPOCH, () -> later.reports(0, Duration.ZERO));
      later.attach();

      assertRefused(ErrorCode.STALE_EPOCH, () -> agent.client().attach());
      assertAllRefused(ErrorCode.STALE_EPOCH, agent.client(), order, rendered.delivery());
      assertThat(later.reports(0, Duration.ZERO).reports()).contains(rendered);
      later.fetchDelivery(
          rendered.delivery(), folder.resolve("fetched.exr"), TransferProgress.NONE);
      later.deleteDelivery(rendered.delivery().id());
      later.attach();
    }
  }

  @Test
  void aManagerOnACopyOfTheDataFolderIsRefused() throws Exception {
    SceneOrder order = agent.upload(scene, Optional.empty());
    agent.lease(1, order, TestingAgent.render(0, CELL));
    WorkReport.Rendered rendered = agent.awaitCell(1, 0);

    try (AgentClient copy = agent.clientOf(TestingAgent.manager(1, "copy"))) {
      assertThatThrownBy(copy::attach)
          .isInstanceOfSatisfying(
              FarmException.Refused.class,
              refused -> assertThat(refused.code()).contains(ErrorCode.STALE_EPOCH))
          .hasMessageContaining("copy of the other's data folder");
      assertAllRefused(ErrorCode.STALE_EPOCH, copy, order, rendered.delivery());
    }
    agent.fetch(rendered.delivery(), folder.resolve("fetched.exr"));
  }

  @Test
  void anotherFarmIsRefused() throws Exception {
    SceneOrder order = agent.upload(scene, Optional.empty());
    var delivery = new WorkReport.DeliveryInfo("any", 1, "ab".repeat(32));

    try (AgentClient other = agent.clientOf(new ManagerIdentity("other", 9, "start"))) {
      assertRefused(ErrorCode.OTHER_FARM, other::attach);
      assertAllRefused(ErrorCode.OTHER_FARM, other, order, delivery);
    }
  }

  @Test
  void beforeAManagerHasAttachedAgainNothingIsObeyed() throws Exception {
    SceneOrder order = agent.upload(scene, Optional.empty());
    var delivery = new WorkReport.DeliveryInfo("any", 1, "ab".repeat(32));
    agent.close();
    agent = TestingAgent.startUnattached(folder);

    assertAllRefused(ErrorCode.NOT_ATTACHED, agent.client(), order, delivery);
    assertThat(agent.curl("work/report?after=0", "--header", "X-BlendNet-Manager: nonsense"))
        .contains("urn:blendnet:error:invalid-request");
  }

  @Test
  void whoIsReplacedWhileItWaitsForReportsGetsNone() throws Exception {
    var poll = new FutureTask<>(() -> agent.client().reports(0, Duration.ofSeconds(60)));
    Thread.startVirtualThread(poll);
    agent.awaitWaitingForReports();

    try (AgentClient later = agent.clientOf(TestingAgent.manager(2, "second"))) {
      later.attach();

      assertThatThrownBy(poll::get)
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              FarmException.Refused.class,
              refused -> assertThat(refused.code()).contains(ErrorCode.STALE_EPOCH));
    }
  }

  @Test
  void attachingDropsNothingAndTellsWhatIsStillToCome() throws Exception {
    SceneOrder endless = agent.upload(scene, Optional.of(ENDLESS));
    Cell brief = new Cell(WHOLE, new SampleRange(0, 1));
    Cell forever = new Cell(WHOLE, new SampleRange(1, ENDLESS));
    agent.lease(
        1,
        endless,
        TestingAgent.render(0, brief),
        TestingAgent.render(1, brief),
        TestingAgent.render(2, forever),
        TestingAgent.render(3, brief));
    agent.lease(2, endless, TestingAgent.render(7, brief));
    agent.lease(3, endless, new WorkStep.Open());
    agent.client().deleteDelivery(agent.awaitCell(1, 0).delivery().id());
    WorkReport.Rendered kept = agent.awaitCell(1, 1);
    agent.awaitRendering(1, 2);

    try (AgentClient later = agent.clientOf(TestingAgent.manager(2, "second"))) {
      AttachedAgent attached = later.attach();

      assertThat(attached.leases())
          .containsExactly(
              new HeldLease("a task", 1, 1, List.of(1, 2, 3)),
              new HeldLease("a task", 2, 1, List.of(7)),
              new HeldLease("a task", 3, 1, List.of()));
      assertThat(attached.cores()).isEqualTo(2);
      assertThat(attached.memory()).isGreaterThan(64L << 20);
      assertThat(attached.terminating()).isFalse();
      assertThat(later.reports(0, Duration.ZERO).reports())
          .filteredOn(WorkReport.Rendered.class::isInstance)
          .containsExactly(kept);
      later.cancelLease(new LeaseId(1), 1);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              later.reports(0, Duration.ZERO).reports().stream()
                  .anyMatch(
                      report -> report instanceof WorkReport.Opened opened && opened.lease() == 3));
      assertThat(later.attach().leases())
          .containsExactly(new HeldLease("a task", 2, 1, List.of(7)));
    }
  }

  @Test
  void theFilesOfALeaseThatHasEndedAreStillTold() throws Exception {
    SceneOrder order = agent.upload(scene, Optional.empty());
    agent.lease(1, order, TestingAgent.render(0, CELL));
    agent.lease(2, order, new WorkStep.Open());
    WorkReport.Rendered rendered = agent.awaitCell(1, 0);
    agent.awaitReport(WorkReport.Opened.class, _ -> true);

    assertThat(agent.client().attach().leases())
        .containsExactly(new HeldLease("a task", 1, 1, List.of(0)));
    agent.client().deleteDelivery(rendered.delivery().id());
    assertThat(agent.client().attach().leases()).isEmpty();
  }

  private void assertAllRefused(
      ErrorCode code, AgentClient client, SceneOrder order, WorkReport.DeliveryInfo delivery) {
    Path file = scene.blend();
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> client.sendFiles(List.of(OfferedFile.read(file)), TransferProgress.NONE),
            () -> client.putLease(TestingAgent.order(9, order, TestingAgent.render(0, CELL))),
            () -> client.cancelLease(new LeaseId(1), 1),
            () -> client.steal(new LeaseId(1), 1, List.of(0)),
            () -> client.reports(0, Duration.ZERO),
            () -> client.fetchDelivery(delivery, folder.resolve("no"), TransferProgress.NONE),
            () -> client.deleteDelivery(delivery.id()),
            client::end)) {
      assertRefused(code, call);
    }
  }

  private static void assertRefused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FarmException.Refused.class, refused -> assertThat(refused.code()).contains(code));
  }
}
