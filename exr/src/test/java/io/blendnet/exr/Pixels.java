package io.blendnet.exr;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** All values of a file, as bits. */
final class Pixels {
  private final Map<String, int[]> channels = new LinkedHashMap<>();
  private final ExrHeader header;

  private Pixels(ExrHeader header) {
    this.header = header;
  }

  static Pixels of(Path file) throws IOException {
    try (ExrReader reader = ExrReader.open(file)) {
      ExrHeader header = reader.header();
      Pixels pixels = new Pixels(header);
      int width = header.dataWindow().width();
      int area = width * header.dataWindow().height();
      header.channels().forEach(channel -> pixels.channels.put(channel.name(), new int[area]));
      RowLayout layout = RowLayout.of(header);
      reader.read((firstRow, rows, block) -> {
        MemorySegment bytes = MemorySegment.ofBuffer(block);
        for (int row = 0; row < rows; row++) {
          for (int channel = 0; channel < header.channels().size(); channel++) {
            int[] values = pixels.bits(header.channels().get(channel).name());
            for (int x = 0; x < width; x++) {
              long at = layout.at(row, channel, x);
              values[(firstRow + row) * width + x] =
                  layout.type(channel) == PixelType.HALF
                      ? bytes.get(RowLayout.SHORT, at)
                      : bytes.get(RowLayout.INT, at);
            }
          }
        }
      });
      return pixels;
    }
  }

  ExrHeader header() {
    return header;
  }

  Set<String> names() {
    return channels.keySet();
  }

  int[] bits(String channel) {
    int[] bits = channels.get(channel);
    if (bits == null) {
      throw new AssertionError("No channel " + channel + " in " + channels.keySet());
    }
    return bits;
  }

  float value(String channel, int pixel) {
    return Float.intBitsToFloat(bits(channel)[pixel]);
  }
}
