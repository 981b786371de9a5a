package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.e2e.CommandRoom.Ended;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A minute of {@code bench/fuzz}, always with the same bytes at first. */
class FuzzTest {
  @TempDir private Path folder;

  @Test
  void wrongBytesAreRefusedAndDoNoHarm() throws Exception {
    CommandRoom room = CommandRoom.in(folder);

    Ended fuzz =
        room.bench(
            "fuzz", Duration.ofMinutes(8), "--plain", "--minutes", "1", "--seed", "20261124");

    assertThat(fuzz.assertExitCode(0).output())
        .contains("exr: took", "path: took", "json: took", "door: took");
    room.assertNothingLeft();
  }
}
