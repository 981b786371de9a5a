package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.Strategy;
import io.blendnet.e2e.HardLuckFarm.Unlucky;
import io.blendnet.e2e.TestingLyingAgent.Lie;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An agent that delivers garbage, or without end: nothing of it gets into the frame. */
class LyingAgentTest {
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
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"GREEDY", "TALK"})
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

  @Test
  void oneThatTalksWithoutEndIsCutShort() throws Exception {
    try (TestingLyingAgent agent = TestingLyingAgent.before(honest, Lie.TALK, folder)) {
      farm.introduce("talker", agent.port(), agent.authority(), honest.password());
      farm.awaitActive("talker");

      FarmTask task = runUntilItLies(Lie.TALK, agent);
      farm.assertExact(task, "fixed", TestingScenes.SAMPLES);
      assertThat(task.messages("talker"))
          .hasSizeBetween(1_000, 10_001)
          .allSatisfy(line -> assertThat(line).hasSizeLessThan(1_100));
      farm.dismiss("talker");
    }
  }

  @Test
  void aPictureThatWouldFillTheDiskIsNotFetchedAndItsAgentIsNamed() throws Exception {
    try (HardLuckFarm alone = HardLuckFarm.start(folder.resolve("farm"));
        TestingLyingAgent agent =
            TestingLyingAgent.before(alone.steady().server(), Lie.GREEDY, folder.resolve("liar"))) {
      // The same agent, with the liar between: the farm has no other.
      alone.dismiss(HardLuckFarm.STEADY);
      alone.introduce(
          "greedy", agent.port(), agent.authority(), alone.steady().server().password());
      alone.awaitActive("greedy");

      FarmTask task = alone.run("greedy", "fixed", Strategy.TILES);

      await("the Manager's word on it")
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() ->
              assertThat(HardLuckFarm.saidOf(task, "greedy"))
                  .anyMatch(line -> line.contains("half of the Manager's free disk")));
    }
  }

  /** The honest agent's Blender waits for the lie; else it might be done before. */
  private static FarmTask runUntilItLies(Lie lie, TestingLyingAgent agent) throws Exception {
    FarmTask task = farm.run("lie-" + lie.name(), "fixed", Strategy.TILES);
    HardLuckFarm.awaitRendering(task, HardLuckFarm.STEADY);
    List<ProcessHandle> waiting = farm.steady().blenders();
    Unlucky.signal("STOP", waiting);
    try {
      task.await("a lie", _ -> agent.lies() > 0);
    } finally {
      Unlucky.signal("CONT", waiting);
    }
    return task;
  }
}
