package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.e2e.CommandRoom.Ended;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small form of {@code bench/hostile}: more of them than the Manager holds connections. */
class HostileClientsTest {
  @TempDir private Path folder;

  @Test
  void othersAreServedWhileHundredsOfHostileClientsAreThere() throws Exception {
    CommandRoom room = CommandRoom.in(folder);

    Ended hostile =
        room.bench(
            "hostile",
            Duration.ofMinutes(8),
            "--connections",
            "700",
            "--seconds",
            "16",
            "--opens-per-second",
            "100");

    assertThat(hostile.assertExitCode(0).output()).contains("Everybody was served.");
    room.assertNothingLeft();
  }
}
