package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.Cell;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Manager takes cells back that have not begun. */
class StealTest {
  private static final Tile WHOLE = new Tile(0, 0, TestingScene.WIDTH, TestingScene.HEIGHT);
  private static final LeaseId FIRST = new LeaseId(1);

  /** About a second on two cores. */
  private static final int LONG = 4_000;

  @TempDir Path folder;
  private TestingAgent agent;
  private SceneOrder scene;

  @BeforeEach
  void startAgent() throws Exception {
    agent = TestingAgent.start(folder);
    scene = agent.upload(TestingScene.make(), Optional.of(LONG));
  }

  @AfterEach
  void stopAgent() {
    agent.close();
  }

  @Test
  void aStolenCellIsNeverRenderedAndTheOthersAre() throws Exception {
    Cell brief = new Cell(WHOLE, new SampleRange(0, 1));
    agent.lease(
        1,
        scene,
        TestingAgent.render(0, new Cell(WHOLE, new SampleRange(0, LONG))),
        TestingAgent.render(1, brief),
        TestingAgent.render(2, brief),
        TestingAgent.render(3, brief));
    agent.lease(2, scene, TestingAgent.render(0, brief));
    agent.awaitRendering(1, 0);

    assertThat(steal(1, 2, 99)).as("cell 99 is not of the lease").containsExactlyInAnyOrder(1, 2);
    assertThat(steal(0)).as("it is being rendered").isEmpty();
    assertThat(steal(2)).as("the answer got lost").containsExactly(2);

    agent.awaitCell(1, 3);
    agent.awaitCell(2, 0);
    assertThat(agent.reports())
        .filteredOn(WorkReport.Rendered.class::isInstance)
        .extracting(report -> ((WorkReport.Rendered) report).cell())
        .containsExactly(0, 3, 0);
    assertThat(steal(0, 1, 2, 3)).as("the lease has ended").containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void aLeaseAllOfWhoseCellsAreStolenEndsAndLeavesItsBlobs() throws Exception {
    Cell cell = new Cell(WHOLE, new SampleRange(0, LONG));
    agent.lease(1, scene, TestingAgent.render(0, cell));
    agent.lease(2, scene, TestingAgent.render(0, cell), TestingAgent.render(1, cell));
    agent.awaitRendering(1, 0);

    assertThat(agent.client().steal(new LeaseId(2), 1, List.of(0, 1)))
        .containsExactlyInAnyOrder(0, 1);

    assertThat(agent.client().attach().leases())
        .extracting(lease -> lease.lease())
        .containsExactly(1L);
    assertThat(agent.client().steal(new LeaseId(2), 1, List.of(1))).containsExactly(1);
  }

  @Test
  void nothingIsStolenOfALeaseOrAnAttemptThatIsNotHere() throws Exception {
    agent.lease(1, scene, TestingAgent.render(0, new Cell(WHOLE, new SampleRange(0, LONG))));

    for (var call :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> agent.client().steal(new LeaseId(5), 1, List.of(0)),
            () -> agent.client().steal(FIRST, 2, List.of(0)))) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              FarmException.Refused.class,
              refused -> assertThat(refused.code()).contains(ErrorCode.LEASE_NOT_FOUND));
    }
  }

  @Test
  void noCellIsBothGivenBackAndBegun() throws Exception {
    int cells = 2_000;
    List<WorkStep> steps =
        IntStream.range(0, cells)
            .mapToObj(number -> TestingAgent.render(number, new Cell(WHOLE, new SampleRange(0, 1))))
            .toList();
    var lease =
        new TakenLease(TestingAgent.order(1, scene, steps.toArray(WorkStep[]::new)), _ -> {});
    var together = new CyclicBarrier(2);
    var thief =
        new FutureTask<Integer>(() -> {
          together.await();
          int stolen = 0;
          for (int number = 0; number < cells; number++) {
            stolen += lease.giveBack(Set.of(number)).size();
          }
          return stolen;
        });
    Thread.ofPlatform().start(thief);

    together.await();
    long begun = steps.stream().filter(lease::begin).count();

    assertThat(begun + thief.get()).isEqualTo(cells);
  }

  private Set<Integer> steal(Integer... cells) throws Exception {
    return agent.client().steal(FIRST, 1, List.of(cells));
  }
}
