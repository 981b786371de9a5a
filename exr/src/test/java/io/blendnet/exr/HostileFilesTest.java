package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.FrameSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are broken, or of kinds that aren't read, end in a message that names them. */
class HostileFilesTest {
  private static final FrameSize SIZE = new FrameSize(23, 35);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Compression.class)
  void aFileThatIsCutOffAnywhereIsRefused(Compression compression) throws IOException {
    byte[] whole = sample(compression);
    for (int length = 0; length < whole.length; length += 1 + length / 50) {
      Path cut = write(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> readAll(cut))
          .as("cut to " + length + " of " + whole.length)
          .isInstanceOf(ExrFormatException.class)
          .hasMessageContaining(cut.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void randomDamageNeitherCrashesNorHangs(Compression compression) throws IOException {
    byte[] whole = sample(compression);
    Random random = new Random(20_261_124);
    int refused = 0;
    for (int round = 0; round < 500; round++) {
      byte[] damaged = whole.clone();
      int places = 1 + random.nextInt(4);
      for (int i = 0; i < places; i++) {
        // Half of the damage to the header and the table, where it hurts most.
        int at = random.nextInt(random.nextBoolean() ? 700 : damaged.length);
        damaged[at] = (byte) (random.nextBoolean() ? random.nextInt() : -1);
      }
      Path file = write(damaged);
      try {
        readAll(file);
      } catch (ExrFormatException e) {
        assertThat(e).hasMessageContaining(file.toString());
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  @Test
  void runsAndDeflateThatEndEarlyAreRefused() throws IOException {
    for (Compression compression : Compression.values()) {
      byte[] file = sample(compression);
      ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
      int table = headerLength(compression);
      int block = (int) bytes.getLong(table);
      bytes.putInt(block + 4, bytes.getInt(block + 4) - 5);
      Path damaged = write(file);
      assertThatThrownBy(() -> readAll(damaged)).isInstanceOf(ExrFormatException.class);
    }
  }

  @Test
  void hugeClaimsAreRefusedBeforeMemoryIsSpent() throws IOException {
    byte[] file = sample(Compression.ZIP);
    int window = indexOf(file, "dataWindow\0box2i\0") + "dataWindow\0box2i\0".length() + 4;
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(window + 8, 65_535).putInt(window + 12, 65_535);
    Path huge = write(file);
    assertThatThrownBy(() -> readAll(huge))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("cut off");
    bytes.putInt(window, Integer.MIN_VALUE).putInt(window + 8, Integer.MAX_VALUE);
    Path overflowing = write(file);
    assertThatThrownBy(() -> readAll(overflowing))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("a window is 1 to 65536 pixels a side");
  }

  @ParameterizedTest
  @CsvSource({
    "0x200, a tiled file; save it as scanlines",
    "0x800, a deep file",
    "0x1000, a multi-part file; save it as one part",
    "0x10000, unknown flags"
  })
  void otherKindsAreRefusedWithTheWayOut(String flag, String message) throws IOException {
    byte[] file = sample(Compression.ZIP);
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(4, bytes.getInt(4) | Integer.decode(flag));
    Path other = write(file);
    assertThatThrownBy(() -> readAll(other))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"piz", "pxr24", "b44", "b44a"})
  void otherCompressionsAreRefusedByName(String compression) throws Exception {
    Path other = folder.resolve("other.exr");
    Tools.run(
        "oiiotool",
        write(sample(Compression.NONE)).toString(),
        "--ch",
        "Layer.Combined.R",
        "--compression",
        compression,
        "-o",
        other.toString());
    assertThatThrownBy(() -> ExrReader.open(other))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContainingAll(compression.toUpperCase(Locale.ROOT), "ZIP");
  }

  @Test
  void tiledFilesOfOtherProgramsAreRefused() throws Exception {
    Path other = folder.resolve("tiled.exr");
    Tools.run(
        "oiiotool",
        write(sample(Compression.NONE)).toString(),
        "--ch",
        "Layer.Combined.R",
        "--tile",
        "16",
        "16",
        "-o",
        other.toString());
    assertThatThrownBy(() -> ExrReader.open(other))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("tiled");
  }

  @Test
  void subSampledChannelsAreRefused() throws IOException {
    byte[] file = sample(Compression.ZIP);
    int channel = indexOf(file, "Layer.Combined.G\0") + "Layer.Combined.G\0".length();
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(channel + 8, 2);
    Path other = write(file);
    assertThatThrownBy(() -> ExrReader.open(other))
        .isInstanceOf(ExrFormatException.class)
        .hasMessageContaining("'Layer.Combined.G' is sub-sampled");
  }

  @Test
  void whatIsNoPictureAtAllIsRefused() throws IOException {
    Path text = write("a text that somebody named .exr".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ExrReader.open(text))
        .isInstanceOf(ExrFormatException.class)
        .hasMessage(text + ": this is no OpenEXR file");
    Path empty = write(new byte[0]);
    assertThatThrownBy(() -> ExrReader.open(empty))
        .isInstanceOf(ExrFormatException.class)
        .hasMessage(empty + ": the file is empty");
  }

  private byte[] sample(Compression compression) throws IOException {
    Path file = folder.resolve("sample.exr");
    return Files.readAllBytes(SampleFiles.write(file, SIZE, SampleFiles.ALL_TYPES, compression));
  }

  private static int headerLength(Compression compression) {
    return ExrHeader.of(SIZE, SampleFiles.ALL_TYPES, compression).toBytes().length;
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("hostile.exr"), bytes);
  }

  private static void readAll(Path file) throws IOException {
    try (ExrReader reader = ExrReader.open(file)) {
      reader.verify();
    }
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
  }
}
