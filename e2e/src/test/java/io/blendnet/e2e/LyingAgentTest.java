package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.Strategy;
import io.blendnet.e2e.TestingLyingAgent.Lie;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An agent that delivers garbage, beside an honest one: nothing of it gets into the frame. */
class LyingAgentTest {
  private static final int MOST_FRAMES = 5;

  @TempDir private static Path farmFolder;
  @TempDir private static Path honestFolder;
  private static HardLuckFarm farm;
  private static RunningServer honest;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    farm = HardLuckFarm.start(farmFolder);
    honest =
        RunningServer.start(
            CommandRoom.in(honestFolder), "agent", honestFolder.resolve("agent"), "cores = 1");
  }

  @AfterAll
  static void end() throws Exception {
    honest.end().assertExitCode(0);
    farm.close();
  }

  @ParameterizedTest
  @EnumSource
  void nothingOfItGetsIntoTheFrame(Lie lie) throws Exception {
    String liar = "liar-" + lie.name();
    try (TestingLyingAgent agent = TestingLyingAgent.before(honest, lie, folder)) {
      farm.introduce(liar, agent.port(), agent.authority(), honest.password());
      farm.awaitActive(liar);

      FarmTask task = runUntilItLies(lie, agent);
      farm.assertExact(task, "fixed", TestingScenes.SAMPLES);
      FarmTask kept = new FarmTask(farm::manager, task.name());
      var _ = kept.look();
      assertThat(kept.cellsByAgent()).containsOnlyKeys(HardLuckFarm.STEADY);
      assertThat(HardLuckFarm.saidOf(task, liar)).isNotEmpty();
      farm.dismiss(liar);
    }
  }

  /** A frame may be done before the liar has its scene open. */
  private static FarmTask runUntilItLies(Lie lie, TestingLyingAgent agent) throws Exception {
    for (int frame = 1; frame <= MOST_FRAMES; frame++) {
      FarmTask task = farm.run("lie-%s-%d".formatted(lie.name(), frame), "fixed", Strategy.TILES);
      await("a lie, or the frame's end")
          .atMost(Duration.ofMinutes(2))
          .until(() -> agent.lies() > 0 || !task.look().task().state().isActive());
      if (agent.lies() > 0) {
        return task;
      }
    }
    throw new AssertionError("The agent has told no lie in %d frames".formatted(MOST_FRAMES));
  }
}
