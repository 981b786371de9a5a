package io.blendnet.exr;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Sums a picture's scene-linear pixels up to fewer ones, and shows them. */
final class Downscale {
  /** The light behind transparent pixels, and where nothing is: sRGB 48. */
  private static final float BACKGROUND = 0.0296f;

  private static final List<String> COMPONENTS = List.of("R", "G", "B", "A");

  /** More rows than this add nothing to see to a row of the picture. */
  private static final int ROWS_PER_ROW = 4;

  private final int width;
  private final int height;
  private final int pictureWidth;
  private final int pictureHeight;
  private final float[] sums;
  private final int[] counts;

  /**
   * @param longestSide of the picture, at least 1
   */
  Downscale(int width, int height, int longestSide) {
    if (longestSide < 1) {
      throw new IllegalArgumentException("A picture has at least one pixel, not " + longestSide);
    }
    this.width = width;
    this.height = height;
    double scale = Math.min(1, longestSide / (double) Math.max(width, height));
    pictureWidth = Math.max(1, (int) Math.round(width * scale));
    pictureHeight = Math.max(1, (int) Math.round(height * scale));
    if ((long) pictureWidth * pictureHeight > 1 << 28) {
      throw new IllegalArgumentException("A picture of that size takes too much memory");
    }
    sums = new float[pictureWidth * pictureHeight * 3];
    counts = new int[pictureWidth * pictureHeight];
  }

  /**
   * Red, green, blue and, where it is there, alpha of the picture: the pass {@code Combined} of the
   * first layer that has it, or the channels of a file without layers.
   *
   * @return indices of channels; empty where there is no such picture
   */
  static int[] combinedChannels(ExrHeader header) {
    List<String> names = header.channels().stream().map(ExrChannel::name).toList();
    String prefix =
        names.stream()
            .filter(name -> name.endsWith(".Combined.R"))
            .map(name -> name.substring(0, name.length() - 1))
            .findFirst()
            .orElse("");
    List<Integer> found = new ArrayList<>();
    for (String component : COMPONENTS) {
      int index = names.indexOf(prefix + component);
      if (index >= 0) {
        found.add(index);
      }
    }
    return found.size() < 3 ? new int[0] : found.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Of so many rows, one is enough. */
  int rowStep() {
    return Math.max(1, height / pictureHeight / ROWS_PER_ROW);
  }

  /**
   * Adds a row. Thread-safe.
   *
   * @param values red, green, blue and perhaps alpha (premultiplied) of each pixel
   * @param isThere whether the pixel has been rendered at all
   */
  synchronized void add(int y, float[][] values, IntPredicate isThere) {
    int row = (int) ((long) y * pictureHeight / height) * pictureWidth;
    for (int x = 0; x < width; x++) {
      int at = row + (int) ((long) x * pictureWidth / width);
      float behind = BACKGROUND;
      if (isThere.test(x)) {
        behind *= values.length > 3 ? 1 - Math.clamp(values[3][x], 0f, 1f) : 0;
        sums[3 * at] += values[0][x];
        sums[3 * at + 1] += values[1][x];
        sums[3 * at + 2] += values[2][x];
      }
      sums[3 * at] += behind;
      sums[3 * at + 1] += behind;
      sums[3 * at + 2] += behind;
      counts[at]++;
    }
  }

  BufferedImage image() {
    BufferedImage image =
        new BufferedImage(pictureWidth, pictureHeight, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[pictureWidth];
    for (int y = 0; y < pictureHeight; y++) {
      for (int x = 0; x < pictureWidth; x++) {
        int at = y * pictureWidth + x;
        int count = counts[at];
        row[x] =
            count == 0
                ? ToneMapping.toRgb(BACKGROUND, BACKGROUND, BACKGROUND)
                : ToneMapping.toRgb(
                    sums[3 * at] / count, sums[3 * at + 1] / count, sums[3 * at + 2] / count);
      }
      image.setRGB(0, y, pictureWidth, 1, row, 0, pictureWidth);
    }
    return image;
  }
}
