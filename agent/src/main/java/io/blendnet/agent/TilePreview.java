package io.blendnet.agent;

import io.blendnet.domain.Tile;
import io.blendnet.exr.ExrChannel;
import io.blendnet.exr.ExrHeader;
import io.blendnet.exr.ExrReader;
import io.blendnet.exr.PixelType;
import io.blendnet.exr.ToneMapping;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A small tone-mapped picture of a tile: the Combined pass of its file, without the overscan. */
final class TilePreview {
  /** A frame's tiles together make a display of some hundred pixels. */
  private static final int LONGEST_SIDE = 256;

  private final Tile inside;
  private final int width;
  private final int height;
  private final float[] sums;
  private final int[] counts;

  private TilePreview(Tile inside) {
    this.inside = inside;
    int longest = Math.max(inside.width(), inside.height());
    double scale = Math.min(1.0, (double) LONGEST_SIDE / longest);
    width = Math.max(1, (int) Math.round(inside.width() * scale));
    height = Math.max(1, (int) Math.round(inside.height() * scale));
    sums = new float[width * height * 3];
    counts = new int[width * height];
  }

  /**
   * The preview as base64 of a PNG; absent where the file has no Combined pass of floats.
   *
   * @param rendered what the file has the pixels of
   */
  static Optional<String> of(Path exr, Tile tile, Tile rendered) throws IOException {
    try (ExrReader reader = ExrReader.open(exr)) {
      Optional<long[]> starts = combined(reader.header());
      if (starts.isEmpty()) {
        return Optional.empty();
      }
      Tile inside =
          new Tile(tile.x() - rendered.x(), tile.y() - rendered.y(), tile.width(), tile.height());
      TilePreview preview = new TilePreview(inside);
      long rowBytes = reader.header().rowBytes();
      reader.read((firstRow, rows, pixels) -> {
        for (int row = 0; row < rows; row++) {
          preview.add(firstRow + row, pixels, row * rowBytes, starts.get());
        }
      });
      return Optional.of(Base64.getEncoder().encodeToString(Png.of(preview.picture())));
    }
  }

  /** Where red, green and blue of the first layer's Combined pass begin in a row. */
  private static Optional<long[]> combined(ExrHeader header) {
    return header.channels().stream()
        .map(ExrChannel::name)
        .filter(name -> name.endsWith(".Combined.R"))
        .map(name -> name.substring(0, name.length() - 1))
        .findFirst()
        .flatMap(prefix -> starts(header, List.of(prefix + "R", prefix + "G", prefix + "B")));
  }

  private static Optional<long[]> starts(ExrHeader header, List<String> wanted) {
    long[] starts = new long[wanted.size()];
    int found = 0;
    long at = 0;
    for (ExrChannel channel : header.channels()) {
      int index = wanted.indexOf(channel.name());
      if (index >= 0 && channel.type() == PixelType.FLOAT) {
        starts[index] = at;
        found++;
      }
      at += (long) header.dataWindow().width() * channel.type().bytes();
    }
    return found == wanted.size() ? Optional.of(starts) : Optional.empty();
  }

  /** Called by several threads at once; a row of the preview is made from several of the file. */
  private synchronized void add(int row, ByteBuffer pixels, long rowStart, long[] starts) {
    int y = row - inside.y();
    if (y < 0 || y >= inside.height()) {
      return;
    }
    int target = (int) ((long) y * height / inside.height()) * width;
    for (int x = 0; x < inside.width(); x++) {
      int pixel = target + (int) ((long) x * width / inside.width());
      counts[pixel]++;
      for (int colour = 0; colour < 3; colour++) {
        long at = rowStart + starts[colour] + 4L * (inside.x() + x);
        sums[3 * pixel + colour] += pixels.getFloat(Math.toIntExact(at));
      }
    }
  }

  private BufferedImage picture() {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int pixel = 0; pixel < counts.length; pixel++) {
      float count = Math.max(1, counts[pixel]);
      picture.setRGB(
          pixel % width,
          pixel / width,
          ToneMapping.toRgb(
              sums[3 * pixel] / count, sums[3 * pixel + 1] / count, sums[3 * pixel + 2] / count));
    }
    return picture;
  }
}
