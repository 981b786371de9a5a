package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.bench.FaultyLine.Fault;
import io.blendnet.domain.Strategy;
import io.blendnet.e2e.FarmTask.Delivery;
import io.blendnet.e2e.HardLuckFarm.Unlucky;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents that do not answer for longer than the farm waits, and come back with what they have. */
class SilentAgentsTest {
  @TempDir private Path folder;

  @Test
  void aFrameGoesOnWithoutAgentsThatFallSilentAndTakesThemBack() throws Exception {
    try (HardLuckFarm farm = HardLuckFarm.start(folder)) {
      Unlucky suspended = farm.employ("suspended");
      Unlucky cut = farm.employ("cut");
      Unlucky deaf = farm.employ("deaf");
      Unlucky mute = farm.employ("mute");
      List<Unlucky> silent = List.of(suspended, cut, deaf, mute);
      FarmTask task = farm.run("silent", "long", Strategy.TILES);
      HardLuckFarm.awaitRendering(task, silent.stream().map(Unlucky::name).toArray(String[]::new));

      suspended.suspend();
      cut.line().suffer(Fault.CUT);
      deaf.line().suffer(Fault.SERVER_HEARS_NOTHING);
      mute.line().suffer(Fault.SERVER_IS_NOT_HEARD);
      List<Delivery> before = List.copyOf(task.deliveries());
      await("all are given up")
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> {
            for (Unlucky agent : silent) {
              assertThat(HardLuckFarm.saidOf(task, agent.name())).as(agent.name()).isNotEmpty();
            }
          });
      suspended.resume();
      silent.forEach(agent -> agent.line().suffer(Fault.NONE));

      farm.assertExact(task, "long", TestingScenes.LONG_SAMPLES);
      assertThat(task.deliveries()).as("what was stored before").containsAll(before);
      for (Unlucky agent : silent) {
        farm.awaitActive(agent.name());
      }
      await("nothing waits to be fetched that nobody wants")
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> {
            for (Unlucky agent : silent) {
              assertThat(deliveries(agent)).as(agent.name()).isEmptyDirectory();
            }
          });
    }
  }

  private static Path deliveries(Unlucky agent) {
    Path folder = agent.server().folder().resolve("data/data/deliveries");
    assertThat(Files.isDirectory(folder)).isTrue();
    return folder;
  }
}
