package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.blendnet.domain.Strategy;
import io.blendnet.e2e.FarmTask.Delivery;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskStatus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Manager that ends and is started again on its folder while a frame is being rendered. */
class ManagerRestartTest {
  @TempDir Path folder;

  @Test
  void aFrameGoesOnWhereItsManagerLeftItAndNoStoredCellIsRenderedAgain() throws Exception {
    try (TestingFarm farm = TestingFarm.start(folder, 2)) {
      FarmTask task = farm.run("restart", "long", 1, Strategy.TILES);
      task.await("cells of both agents are stored", _ -> task.cellsByAgent().size() == 2);

      farm.restartManager();
      List<Delivery> before = List.copyOf(task.deliveries());
      TaskStatus back = task.look();
      assertThat(back.task().done()).as("stored when it was back").isBetween(0.01, 0.99);
      task.awaitCompleted();

      task.assertEveryCellOnce(
          TestingScenes.WIDTH, TestingScenes.HEIGHT, TestingScenes.LONG_SAMPLES);
      assertThat(task.deliveries()).containsAll(before);
      TaskProgress ended = task.look().progress();
      assertThat(ended.cellsStored()).isEqualTo(task.deliveries().size());
      assertThat(ended.agents().stream().mapToDouble(TaskProgress.AgentShare::done).sum())
          .as("shares of all agents, from before the restart and after it")
          .isCloseTo(1, within(1e-9));
      FrameFile.of(task.download(ResultKind.RENDER, folder.resolve("restart.exr")))
          .assertIdenticalTo(FrameFile.of(TestingScenes.passes("long", 1)));
    }
  }
}
