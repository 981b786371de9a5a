package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small form of {@code bench/hostile}: more of them than the Manager holds connections. */
class HostileClientsTest {
  @TempDir private Path folder;

  @Test
  void othersAreServedWhileHundredsOfHostileClientsAreThere() throws Exception {
    CommandRoom room = CommandRoom.in(folder);
    CommandRoom.Running hostile =
        room.start(
            List.of(
                CommandRoom.repository().resolve("bench/hostile").toString(),
                "--connections",
                "700",
                "--seconds",
                "16",
                "--opens-per-second",
                "100"));
    hostile.process().waitFor(8, TimeUnit.MINUTES);

    var ended = hostile.awaitEnd().assertExitCode(0);

    assertThat(ended.output()).contains("Everybody was served.");
    room.assertNothingLeft();
  }
}
