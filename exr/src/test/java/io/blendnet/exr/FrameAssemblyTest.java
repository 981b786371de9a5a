package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a frame refuses, keeps and forgets, with files made for it. */
class FrameAssemblyTest {
  private static final FrameSize SIZE = new FrameSize(40, 30);
  private static final Tile WHOLE = SIZE.whole();

  @TempDir Path folder;

  private FrameAssembly frame;
  private int files;

  @BeforeEach
  void begin() throws IOException {
    frame = FrameAssembly.create(folder.resolve("scratch"), SIZE, List.of());
  }

  @AfterEach
  void end() throws IOException {
    frame.close();
  }

  @Test
  void theSameCellTwiceIsHarmless() throws IOException {
    Cell cell = cell(WHOLE, 0, 4);
    Path file = flat(WHOLE, 4, 0.5f);
    assertThat(frame.add(cell, WHOLE, file)).isTrue();
    assertThat(frame.add(cell, WHOLE, file)).isFalse();
    assertThat(frame.isComplete(4)).isTrue();
    assertThat(frame.isComplete(8)).isFalse();
    assertThat(frame.isComplete(2)).isFalse();
  }

  @Test
  void samplesThatAreInAlreadyAreRefused() throws IOException {
    frame.add(cell(WHOLE, 0, 4), WHOLE, flat(WHOLE, 4, 0.5f));
    Tile part = new Tile(3, 3, 5, 5);
    assertThatThrownBy(() -> frame.add(cell(part, 3, 5), part, flat(part, 2, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5x5+3+3 [3, 5)");
    assertThat(frame.heldWork()).isEqualTo(4 * SIZE.area());
  }

  @Test
  void aCellWithTheWrongNumberOfSamplesIsRefusedAndChangesNothing() throws IOException {
    Path file = flat(WHOLE, 1, 0.5f);
    assertThatThrownBy(() -> frame.add(cell(WHOLE, 0, 4), WHOLE, file))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("the layer 'Layer' was rendered with '1' samples instead of 4");
    assertThat(frame.heldWork()).isZero();
    assertThat(frame.add(cell(WHOLE, 0, 1), WHOLE, file)).isTrue();
  }

  @Test
  void aCellOfAnotherSizeOrWithOtherChannelsIsRefused() throws IOException {
    Tile small = new Tile(0, 0, 8, 8);
    assertThatThrownBy(() -> frame.add(cell(WHOLE, 0, 4), WHOLE, flat(small, 4, 1)))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("8 x 8 pixels instead of 40 x 30");
    frame.add(cell(small, 0, 4), small, flat(small, 4, 1));
    Tile next = new Tile(8, 0, 8, 8);
    Path other = folder.resolve("other.exr");
    SampleFiles.write(other, header(next, 4, List.of("Layer.Mist.Z")), SampleFiles::ramp);
    assertThatThrownBy(() -> frame.add(cell(next, 0, 4), next, other))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("Layer.Mist.Z FLOAT")
        .hasMessageContaining("Layer.Combined.R FLOAT");
  }

  @Test
  void aDamagedFileChangesNothing() throws IOException {
    frame.add(cell(WHOLE, 0, 4), WHOLE, flat(WHOLE, 4, 0.5f));
    Path damaged = flat(WHOLE, 4, 1);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length - 20] ^= 0x55;
    Files.write(damaged, bytes);
    assertThatThrownBy(() -> frame.add(cell(WHOLE, 4, 8), WHOLE, damaged))
        .isInstanceOf(ExrFormatException.class);
    frame.add(cell(WHOLE, 4, 8), WHOLE, flat(WHOLE, 4, 1));
    assertThat(pixel(written(), "Layer.Combined.R", 0)).isEqualTo(0.75f);
  }

  @Test
  void rangesWeighWithTheirSamplesWhereverTheirTilesEnd() throws IOException {
    Tile left = new Tile(0, 0, 13, 30);
    Tile right = new Tile(13, 0, 27, 30);
    Tile upper = new Tile(0, 0, 40, 7);
    Tile lower = new Tile(0, 7, 40, 23);
    frame.add(cell(left, 0, 1), left.grown(2, SIZE), flat(left.grown(2, SIZE), 1, 1));
    frame.add(cell(lower, 1, 4), lower, flat(lower, 3, 2));
    frame.add(cell(right, 0, 1), right, flat(right, 1, 3));
    assertThat(frame.isComplete(4)).isFalse();
    frame.add(cell(upper, 1, 4), upper.grown(1, SIZE), flat(upper.grown(1, SIZE), 3, 4));
    assertThat(frame.isComplete(4)).isTrue();
    Path written = written();
    assertThat(pixel(written, "Layer.Combined.R", 0)).isEqualTo(13f / 4);
    assertThat(pixel(written, "Layer.Combined.R", 39)).isEqualTo(15f / 4);
    assertThat(pixel(written, "Layer.Combined.R", 29 * 40)).isEqualTo(7f / 4);
    assertThat(pixel(written, "Layer.Combined.R", 29 * 40 + 39)).isEqualTo(9f / 4);
    try (ExrReader reader = ExrReader.open(written)) {
      assertThat(reader.header().string("cycles.Layer.samples")).contains("4");
      assertThat(reader.header().dataWindow()).isEqualTo(new ExrWindow(0, 0, 39, 29));
    }
  }

  @Test
  void halvesAndIntegersComeBackBitByBit() throws IOException {
    List<ExrChannel> channels =
        List.of(
            new ExrChannel("Layer.Id.X", PixelType.UINT),
            new ExrChannel("Layer.Noise.X", PixelType.HALF));
    Path file = folder.resolve("types.exr");
    SampleFiles.write(
        file,
        ExrHeader.of(SIZE, channels, Compression.ZIPS),
        (name, x, y) -> name.contains("Id") ? x * 1000f + y : SampleFiles.ramp(name, x, y));
    frame.add(cell(WHOLE, 0, 1), WHOLE, file);
    Path written = written();
    for (ExrChannel channel : channels) {
      assertThat(Pixels.of(written).bits(channel.name()))
          .isEqualTo(Pixels.of(file).bits(channel.name()));
    }
    frame.add(cell(WHOLE, 1, 2), WHOLE, file);
    assertThat(Pixels.of(written()).bits("Layer.Id.X"))
        .isEqualTo(Pixels.of(file).bits("Layer.Id.X"));
  }

  @Test
  void lightWithoutItsColorIsNotMerged() throws IOException {
    Path first = folder.resolve("light.exr");
    SampleFiles.write(first, header(WHOLE, 2, List.of("Layer.GlossDir.R")), SampleFiles::ramp);
    frame.add(cell(WHOLE, 0, 2), WHOLE, first);
    assertThatThrownBy(() -> frame.add(cell(WHOLE, 2, 4), WHOLE, first))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("'Layer.GlossDir'")
        .hasMessageContaining("'GlossCol'");
    assertThat(frame.isComplete(2)).isTrue();
  }

  @Test
  void pixelsWithTheirOwnCountOfSamplesWeighWithIt() throws IOException {
    List<String> channels = List.of("Layer.Combined.R", "Layer.Debug Sample Count.X");
    frame.add(
        cell(WHOLE, 0, 8),
        WHOLE,
        shaded(8, channels, (name, _, _) -> name.endsWith("R") ? 1 : 0.25f));
    frame.add(
        cell(WHOLE, 8, 12), WHOLE, shaded(4, channels, (name, _, _) -> name.endsWith("R") ? 2 : 1));
    Path written = written();
    // 2 of 8 samples with 1, 4 of 4 with 2: 6 of 12.
    assertThat(pixel(written, "Layer.Combined.R", 5)).isEqualTo(10f / 6, within(1e-6f));
    assertThat(pixel(written, "Layer.Debug Sample Count.X", 5)).isEqualTo(0.5f, within(1e-6f));
  }

  @Test
  void namesThatFellOutOfCryptomattesRanksComeBackWhateverTheOrder() throws IOException {
    List<String> channels =
        Stream.of("a", "b", "g", "r").map(c -> "Layer.CryptoObject00." + c).toList();
    // Two ranks only; the names 1 to 4 share the first place in turn, 9 is always second.
    List<Path> parts = new ArrayList<>();
    for (int part = 0; part < 4; part++) {
      int name = part + 1;
      parts.add(
          shaded(
              2,
              channels,
              (channel, _, _) ->
                  switch (channel.charAt(channel.length() - 1)) {
                    case 'r' -> name;
                    case 'g' -> 0.6f;
                    case 'b' -> 9;
                    default -> 0.4f;
                  }));
    }
    List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
    for (int round = 0; round < 6; round++) {
      Collections.shuffle(order, new Random(round));
      try (FrameAssembly shuffled =
          FrameAssembly.create(folder.resolve("scratch"), SIZE, List.of())) {
        for (int part : order) {
          shuffled.add(cell(WHOLE, 2 * part, 2 * part + 2), WHOLE, parts.get(part));
        }
        Path target = folder.resolve("ranks.exr");
        shuffled.write(target, Compression.ZIP);
        Pixels pixels = Pixels.of(target);
        Map<String, Float> values = new TreeMap<>();
        channels.forEach(channel -> values.put(channel, pixels.value(channel, 77)));
        assertThat(values.get("Layer.CryptoObject00.r")).isEqualTo(9);
        assertThat(values.get("Layer.CryptoObject00.g")).isEqualTo(0.4f, within(1e-6f));
        assertThat(values.get("Layer.CryptoObject00.b")).isEqualTo(1);
        assertThat(values.get("Layer.CryptoObject00.a")).isEqualTo(0.15f, within(1e-6f));
      }
    }
  }

  @Test
  void timesAreSummedAndOtherAttributesAreTheFirstCellsWhateverTheOrder() throws IOException {
    List<String> channels = List.of("Layer.Combined.R");
    Path early = folder.resolve("early.exr");
    Path late = folder.resolve("late.exr");
    SampleFiles.write(
        early,
        header(WHOLE, 2, channels)
            .with(ExrAttribute.string("Camera", "early"))
            .with(ExrAttribute.string("RenderTime", "59:59.50")),
        SampleFiles::ramp);
    SampleFiles.write(
        late,
        header(WHOLE, 2, channels)
            .with(ExrAttribute.string("Camera", "late"))
            .with(ExrAttribute.string("RenderTime", "01:00:00.75")),
        SampleFiles::ramp);
    frame.add(cell(WHOLE, 2, 4), WHOLE, late);
    frame.add(cell(WHOLE, 0, 2), WHOLE, early);
    try (ExrReader reader = ExrReader.open(written())) {
      assertThat(reader.header().string("Camera")).contains("early");
      assertThat(reader.header().string("RenderTime")).contains("02:00:00.25");
    }
  }

  @Test
  void anIncompleteFrameIsNotWritten() throws IOException {
    Tile part = new Tile(0, 0, 20, 30);
    frame.add(cell(part, 0, 4), part, flat(part, 4, 1));
    Path target = folder.resolve("never.exr");
    assertThatThrownBy(() -> frame.write(target, Compression.ZIP))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not complete");
    assertThat(target).doesNotExist();
  }

  @Test
  void thePreviewShowsWhatIsThereBeforeDarkGrey() throws IOException {
    assertThat(rgb(frame.preview(8), 3, 3)).isEqualTo(0x303030);
    Tile left = new Tile(0, 0, 20, 30);
    frame.add(cell(left, 0, 4), left, flat(left, 4, 0.2f));
    BufferedImage preview = frame.preview(20);
    assertThat(preview.getWidth()).isEqualTo(20);
    assertThat(preview.getHeight()).isEqualTo(15);
    assertThat(rgb(preview, 2, 2)).isEqualTo(0x7c7c7c);
    assertThat(rgb(preview, 17, 2)).isEqualTo(0x303030);
    assertThat(frame.preview(5000).getWidth()).isEqualTo(40);
  }

  @Test
  void nothingOfTheScratchFrameIsLeft() throws IOException {
    frame.add(cell(WHOLE, 0, 4), WHOLE, flat(WHOLE, 4, 1));
    frame.close();
    try (Stream<Path> left = Files.list(folder.resolve("scratch"))) {
      assertThat(left).isEmpty();
    }
    assertThatThrownBy(() -> frame.preview(10)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anInterruptLeavesTheFrameUsable() throws IOException {
    Path file = flat(WHOLE, 4, 1);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> frame.add(cell(WHOLE, 0, 4), WHOLE, file))
          .isInstanceOf(IOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(frame.add(cell(WHOLE, 0, 4), WHOLE, file)).isTrue();
    assertThat(frame.isComplete(4)).isTrue();
  }

  private Path written() throws IOException {
    Path target = folder.resolve("written.exr");
    frame.write(target, Compression.ZIP);
    return target;
  }

  private static Cell cell(Tile tile, int first, int end) {
    return new Cell(tile, new SampleRange(first, end));
  }

  /** A grey, opaque picture. */
  private Path flat(Tile tile, int samples, float grey) throws IOException {
    Path file = folder.resolve("flat-" + files++ + ".exr");
    List<String> channels =
        Stream.of("A", "B", "G", "R").map(component -> "Layer.Combined." + component).toList();
    SampleFiles.write(
        file, header(tile, samples, channels), (name, _, _) -> name.endsWith("A") ? 1 : grey);
    return file;
  }

  private Path shaded(int samples, List<String> channels, SampleFiles.Shade shade)
      throws IOException {
    Path file = folder.resolve("shaded-" + files++ + ".exr");
    SampleFiles.write(file, header(WHOLE, samples, channels), shade);
    return file;
  }

  private static ExrHeader header(Tile tile, int samples, List<String> channels) {
    return ExrHeader.of(
            new FrameSize(tile.width(), tile.height()),
            channels.stream().map(name -> new ExrChannel(name, PixelType.FLOAT)).toList(),
            Compression.ZIP)
        .with(ExrAttribute.string("cycles.Layer.samples", Integer.toString(samples)));
  }

  private static float pixel(Path file, String channel, int pixel) throws IOException {
    return Pixels.of(file).value(channel, pixel);
  }

  private static int rgb(BufferedImage image, int x, int y) {
    return image.getRGB(x, y) & 0xff_ffff;
  }
}
