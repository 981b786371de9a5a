package io.blendnet.e2e;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checklist holds, and docs/security-checks.md is what it did. */
class SecurityChecksTest {
  @TempDir private Path folder;

  @Test
  void allOfThemHoldAndThePageSaysSo() throws Exception {
    CommandRoom room = CommandRoom.in(folder);

    room.bench("security", Duration.ofMinutes(8), "--compare").assertExitCode(0);

    room.assertNothingLeft();
  }
}
