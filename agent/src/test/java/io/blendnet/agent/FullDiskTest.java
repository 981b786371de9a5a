package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose disk gets full while nobody fetches its results. */
class FullDiskTest {
  private static final Tile WHOLE = new Tile(0, 0, TestingScene.WIDTH, TestingScene.HEIGHT);
  private static final Cell BRIEF = new Cell(WHOLE, new SampleRange(0, 1));
  private static final int LONG = 4_000;
  private static final long PLENTY = 1L << 40;

  @TempDir Path folder;
  private final AtomicLong disk = new AtomicLong(PLENTY);

  @Test
  void theWorkerWaitsForRoomSaysSoAndGoesOnWhenThereIsSome() throws Exception {
    try (TestingAgent agent = TestingAgent.start(folder, TestingScene.blender(), disk::get)) {
      SceneOrder scene = agent.upload(TestingScene.make(), Optional.of(LONG));
      agent.lease(1, scene, TestingAgent.render(0, BRIEF));
      agent.awaitCell(1, 0);
      disk.set(0);
      agent.lease(
          2,
          scene,
          TestingAgent.render(0, BRIEF),
          TestingAgent.render(1, BRIEF),
          TestingAgent.render(2, BRIEF));

      agent.awaitReport(
          WorkReport.Activity.class, activity -> activity.text().contains("room on the disk"));
      assertThat(agent.client().steal(new LeaseId(2), 1, List.of(0))).containsExactly(0);
      disk.set(PLENTY);

      agent.awaitCell(2, 1);
      agent.awaitCell(2, 2);
      assertThat(agent.reports())
          .noneMatch(report -> report instanceof WorkReport.Failed)
          .noneMatch(report ->
              report instanceof WorkReport.Rendered cell && cell.lease() == 2 && cell.cell() == 0);
    }
  }

  @Test
  void aCellThatIsCutOffByAFullDiskIsRenderedAnewWhenResultsHaveLeft() throws Exception {
    LyingBlender blender = LyingBlender.in(folder);
    try (TestingAgent agent = TestingAgent.start(folder, blender.installation(), disk::get)) {
      SceneOrder scene = agent.upload(TestingScene.make(), Optional.of(LONG));
      agent.lease(1, scene, TestingAgent.render(0, BRIEF));
      WorkReport.Rendered first = agent.awaitCell(1, 0);
      blender.spoilNext("short");
      agent.lease(
          2,
          scene,
          TestingAgent.render(0, new Cell(WHOLE, new SampleRange(0, LONG))),
          TestingAgent.render(1, BRIEF));
      agent.awaitRendering(2, 0);
      disk.set(0);

      agent.awaitReport(
          WorkReport.Activity.class, activity -> activity.text().contains("room on the disk"));
      disk.set(PLENTY);
      agent.client().deleteDelivery(first.delivery().id());

      agent.awaitCell(2, 0);
      agent.awaitCell(2, 1);
      assertThat(agent.reports()).noneMatch(WorkReport.Failed.class::isInstance);
    }
  }

  @Test
  void aCellThatDoesNotFitOnTheEmptyDiskFailsAsTheMachinesFault() throws Exception {
    LyingBlender blender = LyingBlender.in(folder);
    try (TestingAgent agent = TestingAgent.start(folder, blender.installation(), disk::get)) {
      SceneOrder scene = agent.upload(TestingScene.make(), Optional.of(LONG));
      disk.set(1);
      blender.spoilNext("empty");
      agent.lease(1, scene, TestingAgent.render(0, BRIEF));

      WorkReport.Failed failed = agent.awaitFailure(1);
      assertThat(failed.failure()).isEqualTo(FailureKind.MACHINE);
      assertThat(failed.message()).contains("is full").contains(agent.data().toString());
    }
  }
}
