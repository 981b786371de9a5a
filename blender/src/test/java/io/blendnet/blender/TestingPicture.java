package io.blendnet.blender;

import io.blendnet.domain.Tile;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/**
 * A picture, channel by channel: an uncompressed OpenEXR file of 32-bit floats as cells are, or
 * whatever {@link ImageIO} reads.
 */
record TestingPicture(
    int width, int height, Map<String, float[]> channels, Map<String, String> texts) {
  private static final int EXR_MAGIC = 20_000_630;

  static TestingPicture read(Path file) throws IOException {
    return file.toString().endsWith(".exr") ? readExr(file) : readOther(file);
  }

  private static TestingPicture readOther(Path file) throws IOException {
    Raster raster = ImageIO.read(file.toFile()).getData();
    Map<String, float[]> channels = new TreeMap<>();
    for (int band = 0; band < raster.getNumBands(); band++) {
      channels.put(
          Integer.toString(band),
          raster.getSamples(
              0,
              0,
              raster.getWidth(),
              raster.getHeight(),
              band,
              new float[raster.getWidth() * raster.getHeight()]));
    }
    return new TestingPicture(raster.getWidth(), raster.getHeight(), channels, Map.of());
  }

  private static TestingPicture readExr(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.getInt() != EXR_MAGIC) {
      throw new IOException(file + " is not an OpenEXR file");
    }
    bytes.getInt();
    List<String> names = new ArrayList<>();
    Map<String, String> texts = new HashMap<>();
    int width = 0;
    int height = 0;
    for (String name = text(bytes); !name.isEmpty(); name = text(bytes)) {
      String type = text(bytes);
      int size = bytes.getInt();
      int next = bytes.position() + size;
      switch (type) {
        case "chlist" -> {
          for (String channel = text(bytes); !channel.isEmpty(); channel = text(bytes)) {
            names.add(channel);
            bytes.position(bytes.position() + 16);
          }
        }
        case "box2i" -> {
          int left = bytes.getInt();
          int top = bytes.getInt();
          width = bytes.getInt() - left + 1;
          height = bytes.getInt() - top + 1;
        }
        case "string" -> {
          byte[] value = new byte[size];
          bytes.get(value);
          texts.put(name, new String(value, StandardCharsets.UTF_8));
        }
        default -> {}
      }
      bytes.position(next);
    }
    Map<String, float[]> channels = new TreeMap<>();
    for (String name : names) {
      channels.put(name, new float[width * height]);
    }
    TestingPicture picture = new TestingPicture(width, height, channels, texts);
    bytes.position(bytes.position() + 8 * height);
    for (int row = 0; row < height; row++) {
      bytes.getLong();
      for (String name : names) {
        bytes.asFloatBuffer().get(picture.channel(name), row * width, width);
        bytes.position(bytes.position() + 4 * width);
      }
    }
    return picture;
  }

  private static String text(ByteBuffer bytes) {
    int start = bytes.position();
    while (bytes.get() != 0) {}
    byte[] raw = new byte[bytes.position() - start - 1];
    bytes.get(start, raw);
    return new String(raw, StandardCharsets.UTF_8);
  }

  /** The pixels of a channel, by rows from the top. */
  float[] channel(String name) {
    float[] pixels = channels.get(name);
    if (pixels == null) {
      throw new IllegalArgumentException(
          "There is no channel " + name + " in " + channels.keySet());
    }
    return pixels;
  }

  /** The part of this picture that a tile covers. */
  TestingPicture cut(Tile tile) {
    Map<String, float[]> cut = new TreeMap<>();
    channels.forEach((name, pixels) -> {
      float[] part = new float[tile.width() * tile.height()];
      for (int row = 0; row < tile.height(); row++) {
        System.arraycopy(
            pixels, (tile.y() + row) * width + tile.x(), part, row * tile.width(), tile.width());
      }
      cut.put(name, part);
    });
    return new TestingPicture(tile.width(), tile.height(), cut, texts);
  }

  /** Largest difference of any pixel of a channel. NaN equals itself. */
  static double largestDifference(float[] one, float[] other) {
    double largest = 0;
    for (int i = 0; i < one.length; i++) {
      if (Float.compare(one[i], other[i]) != 0) {
        largest = Math.max(largest, Math.abs((double) one[i] - other[i]));
      }
    }
    return largest;
  }

  /** Number of pixels that differ at all in any channel. */
  long differingPixels(TestingPicture other) {
    long count = 0;
    for (int i = 0; i < width * height; i++) {
      for (Map.Entry<String, float[]> channel : channels.entrySet()) {
        if (Float.compare(channel.getValue()[i], other.channel(channel.getKey())[i]) != 0) {
          count++;
          break;
        }
      }
    }
    return count;
  }
}
