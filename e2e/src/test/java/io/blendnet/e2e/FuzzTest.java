package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A minute of {@code bench/fuzz}, always with the same bytes at first. */
class FuzzTest {
  @TempDir private Path folder;

  @Test
  void wrongBytesAreRefusedAndDoNoHarm() throws Exception {
    CommandRoom room = CommandRoom.in(folder);
    CommandRoom.Running fuzz =
        room.start(
            List.of(
                CommandRoom.repository().resolve("bench/fuzz").toString(),
                "--plain",
                "--minutes",
                "1",
                "--seed",
                "20261124"));
    fuzz.process().waitFor(8, TimeUnit.MINUTES);

    var ended = fuzz.awaitEnd().assertExitCode(0);

    assertThat(ended.output()).contains("exr: took", "path: took", "json: took", "door: took");
    room.assertNothingLeft();
  }
}
