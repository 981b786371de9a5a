package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.FailureKind;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaseQueueTest {
  private static final Duration NOT = Duration.ZERO;

  private final List<WorkReport> reports = new ArrayList<>();
  private final LeaseQueue queue = new LeaseQueue(3);

  @Test
  void leasesAreTakenFirstInFirstOut() throws Exception {
    queue.add(lease(2, 1));
    queue.add(lease(1, 1));

    assertThat(queue.take(NOT).orElseThrow().order().lease()).isEqualTo(2);
    assertThat(queue.next().orElseThrow().order().lease()).isEqualTo(1);
    assertThat(queue.take(NOT).orElseThrow().order().lease()).isEqualTo(1);
    assertThat(queue.take(NOT)).isEmpty();
  }

  @Test
  void anOrderThatWasTakenIsKnownForGood() throws Exception {
    assertThat(queue.add(lease(1, 1))).isEqualTo(LeaseQueue.Entry.ADDED);
    queue.take(NOT);

    assertThat(queue.add(lease(1, 1))).isEqualTo(LeaseQueue.Entry.KNOWN);
    assertThat(queue.add(lease(1, 2))).isEqualTo(LeaseQueue.Entry.CONTRADICTS);
    assertThat(queue.take(NOT)).isEmpty();
  }

  @Test
  void aFullQueueForgetsTheOrderThatItRefuses() throws Exception {
    for (int number = 1; number <= 3; number++) {
      queue.add(lease(number, 1));
    }
    assertThat(queue.add(lease(4, 1))).isEqualTo(LeaseQueue.Entry.FULL);
    queue.take(NOT);

    assertThat(queue.add(lease(4, 1))).isEqualTo(LeaseQueue.Entry.ADDED);
  }

  @Test
  void aLeaseIsTakenOutUnlessTheWorkerHasIt() throws Exception {
    TakenLease first = lease(1, 1);
    TakenLease second = lease(2, 1);
    queue.add(first);
    queue.add(second);
    queue.take(NOT);

    assertThat(queue.remove(first)).isFalse();
    assertThat(queue.remove(second)).isTrue();
    assertThat(queue.take(NOT)).isEmpty();
  }

  @Test
  void afterItsFailureNothingIsHeardOfALease() {
    TakenLease lease = lease(1, 1);
    WorkReport.Failed failed =
        CellFinisher.failed(lease, Optional.empty(), FailureKind.SCENE, "no camera");
    lease.fail(failed);
    lease.fail(failed);

    assertThat(lease.isOver()).isTrue();
    assertThat(lease.report(failed)).isFalse();
    assertThat(reports).containsExactly(failed);
  }

  @Test
  void aPictureIsComposedBeforeTheCellsOfOtherFramesOfItsScene() {
    queue.add(lease(1, 1));
    TakenLease composing = lease(2, 1, new WorkStep.Compose("cd".repeat(32)));
    queue.add(composing);
    SceneOrder scene = composing.order().scene();

    assertThat(queue.takeComposing(sceneOf("project/other.blend"))).isEmpty();
    assertThat(queue.takeComposing(scene)).contains(composing);
    assertThat(queue.takeComposing(scene)).isEmpty();
    assertThat(queue.next().orElseThrow().order().lease()).isEqualTo(1);
  }

  private TakenLease lease(long number, int attempt) {
    return lease(number, attempt, new WorkStep.Open());
  }

  private TakenLease lease(long number, int attempt, WorkStep step) {
    SceneOrder scene = sceneOf("project/scene.blend");
    return new TakenLease(
        new LeaseOrder("farm", "task", number, attempt, 1, scene, List.of(step)), reports::add);
  }

  private static SceneOrder sceneOf(String project) {
    return new SceneOrder(
        project,
        Optional.empty(),
        Optional.empty(),
        Map.of(project, "ab".repeat(32)),
        Optional.empty(),
        Optional.empty(),
        true,
        false);
  }
}
