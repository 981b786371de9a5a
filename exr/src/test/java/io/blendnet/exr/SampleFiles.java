package io.blendnet.exr;

import io.blendnet.domain.FrameSize;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** Files made for a test, whose every value is known. */
final class SampleFiles {
  static final List<ExrChannel> ALL_TYPES =
      List.of(
          new ExrChannel("Layer.Combined.A", PixelType.FLOAT),
          new ExrChannel("Layer.Combined.B", PixelType.FLOAT),
          new ExrChannel("Layer.Combined.G", PixelType.FLOAT),
          new ExrChannel("Layer.Combined.R", PixelType.FLOAT),
          new ExrChannel("Layer.Noise.X", PixelType.FLOAT),
          new ExrChannel("Layer.Normal.X", PixelType.HALF),
          new ExrChannel("Layer.a name of more than thirty-one bytes.Id", PixelType.UINT));

  private SampleFiles() {}

  /** The value of a channel at a pixel. */
  @FunctionalInterface
  interface Shade {
    float at(String channel, int x, int y);
  }

  /** Flat areas, a ramp, and one channel that no compression shrinks. */
  static float ramp(String channel, int x, int y) {
    if (channel.contains("Noise")) {
      int hash = (x * 73_856_093 ^ y * 19_349_663) * 1_103_515_245 + 12_345;
      hash ^= hash >>> 15;
      hash *= 0x2c1b3c6d;
      hash ^= hash >>> 12;
      return Float.intBitsToFloat(hash & 0x3fff_ffff);
    }
    int step = x / 7;
    return channel.endsWith("A") ? 1 : step * 0.125f + y * 0.5f;
  }

  static void write(Path file, ExrHeader header, Shade shade) throws IOException {
    RowLayout layout = RowLayout.of(header);
    int width = header.dataWindow().width();
    ExrWriter.write(
        file,
        header,
        (firstRow, rows, pixels) -> {
          MemorySegment bytes = MemorySegment.ofBuffer(pixels);
          for (int row = 0; row < rows; row++) {
            for (int channel = 0; channel < header.channels().size(); channel++) {
              String name = header.channels().get(channel).name();
              for (int x = 0; x < width; x++) {
                float value = shade.at(name, x, firstRow + row);
                long at = layout.at(row, channel, x);
                switch (layout.type(channel)) {
                  case FLOAT -> bytes.set(RowLayout.FLOAT, at, value);
                  case HALF -> bytes.set(RowLayout.SHORT, at, Float.floatToFloat16(value));
                  case UINT -> bytes.set(RowLayout.INT, at, (int) value);
                }
              }
            }
          }
        });
  }

  static Path write(Path file, FrameSize size, List<ExrChannel> channels, Compression compression)
      throws IOException {
    write(file, ExrHeader.of(size, channels, compression), SampleFiles::ramp);
    return file;
  }
}
