package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.FrameSize;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Blender says it saved is looked at before it counts. */
class CellCheckTest {
  private static final Tile RENDERED = new Tile(12, 4, 30, 20);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void save() throws IOException {
    file = folder.resolve("cell.exr");
    SampleFiles.write(
        file,
        ExrHeader.of(new FrameSize(30, 20), SampleFiles.ALL_TYPES, Compression.NONE)
            .with(ExrAttribute.string("cycles.View Layer.samples", "16"))
            .with(ExrAttribute.string("cycles.Other.samples", "16")),
        SampleFiles::ramp);
  }

  @Test
  void whatWasAskedForPasses() {
    assertThatCode(() -> CellCheck.check(file, RENDERED, 16)).doesNotThrowAnyException();
    assertThatCode(() -> CellCheck.check(file, RENDERED, 0)).doesNotThrowAnyException();
  }

  @Test
  void anotherSizeIsRefused() {
    assertThatThrownBy(() -> CellCheck.check(file, new Tile(0, 0, 20, 30), 16))
        .isInstanceOf(ExrFormatException.class)
        .hasMessage(file + ": the file has 30 x 20 pixels instead of 20 x 30");
  }

  @Test
  void anotherNumberOfSamplesInAnyLayerIsRefused() throws IOException {
    assertThatThrownBy(() -> CellCheck.check(file, RENDERED, 64))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("rendered with '16' samples instead of 64");
  }

  @Test
  void aFileThatADiskTooFullCutOffIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> CellCheck.check(file, RENDERED, 16))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining(file.toString());
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> CellCheck.check(file, RENDERED, 16))
        .isInstanceOf(ExrFormatException.class)
        .hasMessage(file + ": the file is empty");
  }
}
