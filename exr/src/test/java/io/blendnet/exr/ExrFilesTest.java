package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.FrameSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Files are written and read as other programs do. */
class ExrFilesTest {
  /** Two full blocks of ZIP and a smaller one, of odd length. */
  private static final FrameSize SIZE = new FrameSize(37, 41);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Compression.class)
  void whatIsWrittenIsRead(Compression compression) throws IOException {
    Path file = sample(compression);
    try (ExrReader reader = ExrReader.open(file)) {
      assertThat(reader.header().compression()).isEqualTo(compression);
      assertThat(reader.header().channels()).isEqualTo(SampleFiles.ALL_TYPES);
      for (ExrChannel channel : SampleFiles.ALL_TYPES) {
        float[] plane = reader.plane(channel.name());
        for (int i = 0; i < plane.length; i++) {
          float written = SampleFiles.ramp(channel.name(), i % SIZE.width(), i / SIZE.width());
          float expected = channel.type() == PixelType.UINT ? (int) written : written;
          assertThat(plane[i]).as(channel.name() + " " + i).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void otherProgramsReadWhatIsWritten(Compression compression) throws Exception {
    Path file = sample(compression);
    assertThat(Tools.run("exrinfo", "-s", file.toString())).doesNotContain("ERROR");
    Path other = folder.resolve("other.exr");
    Tools.run("oiiotool", file.toString(), "--compression", "none", "-o", other.toString());
    // oiiotool has one type for all channels unless told; compare values.
    for (String channel : List.of("Layer.Combined.R", "Layer.Noise.X", "Layer.Normal.X")) {
      assertThat(plane(other, channel)).isEqualTo(plane(file, channel));
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void filesOfOtherProgramsAreRead(Compression compression) throws Exception {
    Path file = sample(Compression.NONE);
    Path other = folder.resolve("other.exr");
    Tools.run(
        "oiiotool",
        file.toString(),
        "--ch",
        "Layer.Combined.A,Layer.Combined.R,Layer.Noise.X",
        "-d",
        "float",
        "--compression",
        compression.name().toLowerCase(Locale.ROOT),
        "-o",
        other.toString());
    try (ExrReader reader = ExrReader.open(other)) {
      assertThat(reader.header().compression()).isEqualTo(compression);
      assertThat(reader.planes(List.of("Layer.Noise.X", "Layer.Combined.R")))
          .containsExactly(plane(file, "Layer.Noise.X"), plane(file, "Layer.Combined.R"));
    }
  }

  @ParameterizedTest
  @CsvSource({"none", "zip"})
  void rowsMayLieInFallingOrder(String compression) throws Exception {
    Path file = sample(Compression.ZIP);
    Path other = folder.resolve("falling.exr");
    Tools.run(
        "oiiotool",
        file.toString(),
        "--ch",
        "Layer.Combined.R",
        "-d",
        "float",
        "--attrib",
        "openexr:lineOrder",
        "decreasingY",
        "--compression",
        compression,
        "-o",
        other.toString());
    try (ExrReader reader = ExrReader.open(other)) {
      assertThat(reader.header().lineOrder()).isEqualTo(LineOrder.DECREASING_Y);
      assertThat(reader.plane("Layer.Combined.R")).isEqualTo(plane(file, "Layer.Combined.R"));
    }
  }

  @Test
  void aDataWindowMayBeginAnywhere() throws Exception {
    Path file = sample(Compression.NONE);
    Path other = folder.resolve("moved.exr");
    Tools.run(
        "oiiotool",
        file.toString(),
        "--ch",
        "Layer.Combined.R",
        "-d",
        "float",
        "--origin",
        "-5+11",
        "--compression",
        "zip",
        "-o",
        other.toString());
    try (ExrReader reader = ExrReader.open(other)) {
      assertThat(reader.header().dataWindow()).isEqualTo(new ExrWindow(-5, 11, 31, 51));
      assertThat(reader.plane("Layer.Combined.R")).isEqualTo(plane(file, "Layer.Combined.R"));
    }
  }

  @Test
  void attributesThatNobodyKnowsAreKept() throws IOException {
    ExrAttribute strange = new ExrAttribute("strange", "no such type", new byte[] {1, 0, 2});
    ExrAttribute manifest = ExrAttribute.string("cryptomatte/1/manifest", "{\"ä\":\"00\"}");
    Path file = folder.resolve("attributes.exr");
    SampleFiles.write(
        file,
        ExrHeader.of(SIZE, SampleFiles.ALL_TYPES, Compression.ZIP).with(strange).with(manifest),
        SampleFiles::ramp);
    try (ExrReader reader = ExrReader.open(file)) {
      assertThat(reader.header().attribute("strange")).contains(strange);
      assertThat(reader.header().string("cryptomatte/1/manifest")).contains("{\"ä\":\"00\"}");
    }
  }

  @Test
  void blocksThatDoNotShrinkAreStoredAsTheyAre() throws IOException {
    List<ExrChannel> noise = List.of(new ExrChannel("Layer.Noise.X", PixelType.FLOAT));
    Path packed = SampleFiles.write(folder.resolve("packed.exr"), SIZE, noise, Compression.RLE);
    Path raw = SampleFiles.write(folder.resolve("raw.exr"), SIZE, noise, Compression.NONE);
    assertThat(Files.size(packed)).isEqualTo(Files.size(raw));
    assertThat(plane(packed, "Layer.Noise.X")).isEqualTo(plane(raw, "Layer.Noise.X"));
  }

  @Test
  void aFailedWriteLeavesNothingAndTheOldFileUntouched() throws IOException {
    Path file = sample(Compression.ZIP);
    byte[] before = Files.readAllBytes(file);
    ExrHeader header = ExrHeader.of(SIZE, SampleFiles.ALL_TYPES, Compression.ZIP);
    assertThatThrownBy(() ->
            ExrWriter.write(
                file,
                header,
                (firstRow, _, _) -> {
                  if (firstRow > 0) {
                    throw new IOException("the source broke");
                  }
                }))
        .isInstanceOf(IOException.class)
        .hasMessage("the source broke");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  private Path sample(Compression compression) throws IOException {
    return SampleFiles.write(
        folder.resolve("sample-" + compression + ".exr"), SIZE, SampleFiles.ALL_TYPES, compression);
  }

  private static float[] plane(Path file, String channel) throws IOException {
    try (ExrReader reader = ExrReader.open(file)) {
      return reader.plane(channel);
    }
  }
}
