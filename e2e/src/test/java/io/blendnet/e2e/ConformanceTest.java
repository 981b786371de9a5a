package io.blendnet.e2e;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Some scenes of the conformance suite, with both Blenders. */
class ConformanceTest {
  @TempDir private Path folder;

  @Test
  void framesInPartsAreWhatThePageSays() throws Exception {
    CommandRoom room = CommandRoom.in(folder);

    room.bench("conformance", Duration.ofMinutes(8), "--few", "--compare").assertExitCode(0);

    room.assertNothingLeft();
  }
}
