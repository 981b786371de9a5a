package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.e2e.CommandRoom.Ended;
import java.nio.file.Path;
import java.time.Duration;
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
    Ended chaos =
        room.bench(
            "chaos",
            // Frames may take long on a busy computer; everything within has deadlines of its own.
            Duration.ofMinutes(10),
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
            "--json");

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
