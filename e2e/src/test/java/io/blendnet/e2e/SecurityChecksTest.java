package io.blendnet.e2e;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checklist holds, and docs/security-checks.md is what it did. */
class SecurityChecksTest {
  @TempDir private Path folder;

  @Test
  void allOfThemHoldAndThePageSaysSo() throws Exception {
    CommandRoom room = CommandRoom.in(folder);
    CommandRoom.Running checks =
        room.start(
            List.of(CommandRoom.repository().resolve("bench/security").toString(), "--compare"));
    checks.process().waitFor(8, TimeUnit.MINUTES);

    checks.awaitEnd().assertExitCode(0);

    room.assertNothingLeft();
  }
}
