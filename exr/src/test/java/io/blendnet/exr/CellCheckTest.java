package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.CellLooks;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.Tile;
import io.blendnet.exr.SampleFiles.Shade;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Blender says it saved is looked at before it counts. */
class CellCheckTest {
  private static final FrameSize SIZE = new FrameSize(30, 20);
  private static final Tile RENDERED = new Tile(12, 4, 30, 20);

  private static final ExrHeader HEADER =
      ExrHeader.of(SIZE, SampleFiles.ALL_TYPES, Compression.NONE)
          .with(ExrAttribute.string("cycles.Layer.samples", "16"));

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void save() throws IOException {
    file = folder.resolve("cell.exr");
    write(HEADER.with(ExrAttribute.string("cycles.Other.samples", "16")), SampleFiles::ramp);
  }

  @Test
  void whatWasAskedForPasses() throws IOException {
    assertThat(CellCheck.check(file, RENDERED, 16)).isEqualTo(CellLooks.FINE);
    assertThat(CellCheck.check(file, RENDERED, 0)).isEqualTo(CellLooks.FINE);
  }

  @Test
  void anotherSizeIsRefused() {
    assertThatThrownBy(() -> CellCheck.check(file, new Tile(0, 0, 20, 30), 16))
        .isInstanceOf(ExrFormatException.class)
        .hasMessage(file + ": the file has 30 x 20 pixels instead of 20 x 30");
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

  @Nested
  class Samples {
    @Test
    void anotherNumberThanAskedForIsRefused() {
      assertRefused(64, "the layer 'Layer' was rendered with '16' samples instead of 64");
      assertRefused(8, "the layer 'Layer' was rendered with '16' samples instead of 8");
    }

    @Test
    void moreThanAskedForInAnyLayerAreRefused() throws IOException {
      write(HEADER.with(ExrAttribute.string("cycles.Other.samples", "17")), SampleFiles::ramp);
      assertRefused(16, "the layer 'Other' was rendered with '17' samples instead of 16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "", "-16", "sixteen", "99999999999999999999"})
    void noNumberIsRefused(String text) throws IOException {
      write(HEADER.with(ExrAttribute.string("cycles.Other.samples", text)), SampleFiles::ramp);
      assertRefused(16, "'" + text + "' samples instead of 16");
    }

    @Test
    void aViewLayerMayHaveFewerOfItsOwn() throws IOException {
      write(HEADER.with(ExrAttribute.string("cycles.Other.samples", "8")), SampleFiles::ramp);
      assertThat(CellCheck.check(file, RENDERED, 16)).isEqualTo(CellLooks.FINE);
    }

    @Test
    void aCountWithTheZerosThatASessionPutsInFrontPasses() throws IOException {
      write(HEADER.with(ExrAttribute.string("cycles.Layer.samples", "0016")), SampleFiles::ramp);
      assertThat(CellCheck.check(file, RENDERED, 16)).isEqualTo(CellLooks.FINE);
    }

    @Test
    void aFileThatLeavesThemOutIsRefusedWhereACountIsAsked() throws IOException {
      write(HEADER.without("cycles.Layer.samples"), SampleFiles::ramp);
      assertRefused(16, "the file does not say how many samples the layer 'Layer' has");
      assertThat(CellCheck.check(file, RENDERED, 0)).isEqualTo(CellLooks.FINE);
    }

    @Test
    void aFileThatLeavesThemOutForOneOfItsLayersIsRefused() throws IOException {
      write(
          HEADER
              .without("cycles.Layer.samples")
              .with(ExrAttribute.string("cycles.Other.samples", "16")),
          SampleFiles::ramp);
      assertRefused(16, "the file does not say how many samples the layer 'Layer' has");
    }

    @Test
    void aFileWithoutPicturesHasToSayThemToo() throws IOException {
      List<ExrChannel> depth = List.of(new ExrChannel("Layer.Depth.Z", PixelType.FLOAT));
      write(ExrHeader.of(SIZE, depth, Compression.NONE), SampleFiles::ramp);
      assertRefused(16, "the file does not say how many samples it has");
    }

    private void assertRefused(int samples, String message) {
      assertThatThrownBy(() -> CellCheck.check(file, RENDERED, samples))
          .isInstanceOf(ExrFormatException.class)
          .hasMessageStartingWith(file + ": ")
          .hasMessageEndingWith(message);
    }
  }

  @Nested
  class Looks {
    private static final Shade BLACK = (channel, _, _) -> channel.endsWith("A") ? 1 : 0;

    @ParameterizedTest
    @EnumSource(Compression.class)
    void aPictureWithoutLightIsBlackWhateverItsAlpha(Compression compression) throws IOException {
      assertThat(looks(HEADER.withCompression(compression), BLACK)).isEqualTo(CellLooks.BLACK);
      assertThat(looks((_, _, _) -> 0)).isEqualTo(CellLooks.BLACK);
      assertThat(looks((_, _, _) -> -0f)).isEqualTo(CellLooks.BLACK);
    }

    @Test
    void oneValueInOnePixelIsLight() throws IOException {
      for (String channel : List.of("Layer.Combined.R", "Layer.Combined.G", "Layer.Combined.B")) {
        assertThat(looks(lastPixel(channel, Float.MIN_VALUE))).isEqualTo(CellLooks.FINE);
        assertThat(looks(lastPixel(channel, -1))).isEqualTo(CellLooks.FINE);
        assertThat(looks(lastPixel(channel, Float.MAX_VALUE))).isEqualTo(CellLooks.FINE);
      }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneValueThatIsNotFiniteBreaksThePicture(float value) throws IOException {
      for (String component : List.of("R", "G", "B", "A")) {
        Shade shade = lastPixel("Layer.Combined." + component, value);
        assertThat(looks(shade)).as(component).isEqualTo(CellLooks.BROKEN);
      }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7fc0_0001, 0x7f80_0001, 0xffc0_0000, 0xffff_ffff})
    void everyNaNBreaksThePicture(int bits) throws IOException {
      // Written as bits: a NaN that passes through arithmetic may come out as another one.
      write(HEADER, BLACK);
      byte[] bytes = Files.readAllBytes(file);
      int last = bytes.length - SIZE.width() * (4 + 2 + 4) - 4;
      for (int i = 0; i < 4; i++) {
        bytes[last + i] = (byte) (bits >>> (8 * i));
      }
      Files.write(file, bytes);
      assertThat(CellCheck.check(file, RENDERED, 16)).isEqualTo(CellLooks.BROKEN);
    }

    @Test
    void otherPassesMayHoldAnything() throws IOException {
      assertThat(looks(lastPixel("Layer.Noise.X", Float.NaN))).isEqualTo(CellLooks.BLACK);
      assertThat(
              looks((channel, x, y) ->
                  channel.contains("Combined") ? SampleFiles.ramp(channel, x, y) : Float.NaN))
          .isEqualTo(CellLooks.FINE);
    }

    @Test
    void lightInOneLayerIsEnough() throws IOException {
      ExrHeader header = twoLayers(PixelType.FLOAT);
      assertThat(looks(header, (_, _, _) -> 0)).isEqualTo(CellLooks.BLACK);
      assertThat(looks(header, lastPixel("With.Dot.Combined.G", 1))).isEqualTo(CellLooks.FINE);
      assertThat(looks(header, lastPixel("With.Dot.Combined.A", Float.NaN)))
          .isEqualTo(CellLooks.BROKEN);
    }

    @Test
    void halvesAreLookedAtToo() throws IOException {
      ExrHeader header = twoLayers(PixelType.HALF);
      assertThat(looks(header, (_, _, _) -> -0f)).isEqualTo(CellLooks.BLACK);
      assertThat(looks(header, lastPixel("Layer.Combined.B", 0x1p-24f))).isEqualTo(CellLooks.FINE);
      assertThat(looks(header, lastPixel("Layer.Combined.B", 65_504))).isEqualTo(CellLooks.FINE);
      assertThat(looks(header, lastPixel("Layer.Combined.B", 65_536))).isEqualTo(CellLooks.BROKEN);
      assertThat(looks(header, lastPixel("Layer.Combined.B", Float.NaN)))
          .isEqualTo(CellLooks.BROKEN);
    }

    @Test
    void integersAreLookedAtToo() throws IOException {
      ExrHeader header = twoLayers(PixelType.UINT);
      assertThat(looks(header, (_, _, _) -> 0)).isEqualTo(CellLooks.BLACK);
      assertThat(looks(header, lastPixel("Layer.Combined.R", 1))).isEqualTo(CellLooks.FINE);
    }

    @Test
    void aFileWithoutPicturesLooksFine() throws IOException {
      List<ExrChannel> depth = List.of(new ExrChannel("Layer.Depth.Z", PixelType.FLOAT));
      ExrHeader header =
          ExrHeader.of(SIZE, depth, Compression.NONE)
              .with(ExrAttribute.string("cycles.Layer.samples", "16"));
      assertThat(looks(header, (_, _, _) -> 0)).isEqualTo(CellLooks.FINE);
    }

    @Test
    void aLargeFileIsLookedAtByAllThreads() throws IOException {
      FrameSize size = new FrameSize(1_000, 700);
      ExrHeader header = HEADER.withWindow(ExrWindow.of(size));
      for (int row : new int[] {0, 350, 699}) {
        write(
            header,
            (channel, x, y) ->
                channel.endsWith("Combined.G") && x == 998 && y == row ? Float.NaN : 1);
        assertThat(CellCheck.check(file, size.whole(), 16)).isEqualTo(CellLooks.BROKEN);
      }
      write(header, BLACK);
      assertThat(CellCheck.check(file, size.whole(), 16)).isEqualTo(CellLooks.BLACK);
    }

    private static ExrHeader twoLayers(PixelType type) {
      List<ExrChannel> channels =
          List.of("Layer.Combined.", "With.Dot.Combined.").stream()
              .flatMap(layer -> List.of("A", "B", "G", "R").stream().map(layer::concat))
              .map(name -> new ExrChannel(name, type))
              .toList();
      return ExrHeader.of(SIZE, channels, Compression.ZIP)
          .with(ExrAttribute.string("cycles.Layer.samples", "16"))
          .with(ExrAttribute.string("cycles.With.Dot.samples", "16"));
    }

    private static Shade lastPixel(String channel, float value) {
      return (name, x, y) ->
          name.equals(channel) && x == SIZE.width() - 1 && y == SIZE.height() - 1
              ? value
              : BLACK.at(name, x, y);
    }

    private CellLooks looks(Shade shade) throws IOException {
      return looks(HEADER, shade);
    }

    private CellLooks looks(ExrHeader header, Shade shade) throws IOException {
      write(header, shade);
      return CellCheck.check(file, RENDERED, 16);
    }
  }

  private void write(ExrHeader header, Shade shade) throws IOException {
    SampleFiles.write(file, header, shade);
  }
}
