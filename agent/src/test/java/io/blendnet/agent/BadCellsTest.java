package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static List<Path> deliveries(TestingAgent agent) throws IOException {
    try (Stream<Path> files = Files.list(agent.data().resolve("deliveries"))) {
      return files.toList();
    }
  }
}
