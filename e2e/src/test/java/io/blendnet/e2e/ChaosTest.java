package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.e2e.CommandRoom.Ended;
import io.blendnet.e2e.CommandRoom.Running;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The short form of {@code bench/chaos}: each kind of fault once within a minute. */
class ChaosTest {
  private static final int KINDS = 11;

  @TempDir private Path folder;

  @Test
  void framesOutliveAllThatCanHappenToAFarm() throws Exception {
    CommandRoom room = CommandRoom.in(folder);
    Running running =
        room.start(
            List.of(
                CommandRoom.repository().resolve("bench/chaos").toString(),
                "--minutes",
                "1",
                "--kills-per-minute",
                String.valueOf(KINDS),
                "--longest-fault",
                "10",
                "--seed",
                "20261124",
                "--agents",
                "3",
                "--width",
                "160",
                "--height",
                "90",
                "--samples",
                "32",
                "--json"));
    // Frames may take long on a busy computer; everything within has deadlines of its own.
    running.process().waitFor(10, TimeUnit.MINUTES);
    Ended chaos = running.awaitEnd();

    JsonNode report = JsonMapper.shared().readTree(chaos.assertExitCode(0).output());
    assertThat(report.get("faults").properties())
        .as(chaos.errors())
        .hasSize(KINDS)
        .allSatisfy(kind -> assertThat(kind.getValue().asInt()).isEqualTo(1));
    assertThat(report.get("wrong")).isEmpty();
    assertThat(report.get("frames").asInt())
        .isPositive()
        .isEqualTo(report.get("frames_completed").asInt());
    room.assertNothingLeft();
  }
}
