package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.Cell;
import io.blendnet.domain.CellLooks;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Blender writes, with light and without. */
class CellCheckFromBlenderTest {
  private static final FrameSize SIZE = new FrameSize(32, 18);
  private static final Tile WHOLE = SIZE.whole();

  @TempDir static Path folder;

  @BeforeAll
  static void renderBoth() throws Exception {
    Path script = folder.resolve("render_looks.py");
    try (InputStream in = CellCheckFromBlenderTest.class.getResourceAsStream("render_looks.py")) {
      Files.write(script, in.readAllBytes());
    }
    Tools.run(
        "blender",
        "-b",
        "--factory-startup",
        "-noaudio",
        "--python-exit-code",
        "42",
        "-P",
        script.toString(),
        "--",
        folder.toString());
  }

  @Test
  void aPictureLooksFine() throws IOException {
    assertThat(CellCheck.check(folder.resolve("lit.exr"), WHOLE, 6)).isEqualTo(CellLooks.FINE);
  }

  @Test
  void aSceneWithoutLightIsBlackThoughItsAlphaIsNot() throws IOException {
    Path dark = folder.resolve("dark.exr");
    assertThat(CellCheck.check(dark, WHOLE, 6)).isEqualTo(CellLooks.BLACK);
    assertThat(Pixels.of(dark).value("ViewLayer.Combined.A", 0)).isEqualTo(1);
  }

  @Test
  void otherSamplesThanAskedForAreFound() {
    for (int asked : new int[] {2, 7}) {
      assertThatThrownBy(() -> CellCheck.check(folder.resolve("lit.exr"), WHOLE, asked))
          .isInstanceOf(ExrFormatException.class)
          .hasMessageContaining("samples instead of " + asked);
    }
  }

  @Test
  void aViewLayersOwnNumberOfSamplesStaysInTheFrame() throws IOException {
    Path target = folder.resolve("frame.exr");
    try (FrameAssembly frame = FrameAssembly.create(folder.resolve("scratch"), SIZE, List.of())) {
      frame.add(new Cell(WHOLE, new SampleRange(0, 6)), WHOLE, folder.resolve("lit.exr"));
      frame.write(target, Compression.ZIP);
    }
    ExrHeader header = Pixels.of(target).header();
    assertThat(header.string("cycles.ViewLayer.samples")).contains("6");
    assertThat(header.string("cycles.Coarse.Layer.samples")).contains("2");
  }
}
