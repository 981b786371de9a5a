package io.blendnet.exr;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Sums a picture's scene-linear pixels up to fewer ones, and shows them. A row of the picture is
 * shown, and its sums are forgotten, once all its rows are in. Thread-safe.
 */
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
  private final BufferedImage image;

  /** By row of the picture: red, green and blue of its pixels, while the row is unfinished. */
  private final float[] @Nullable [] sums;

  /** By row of the picture: rows that are still to come. */
  private final int[] rowsLeft;

  /** By row of the picture: rows that make it up. */
  private final int[] rowsOf;

  /** By column of the picture: columns that make it up. */
  private final int[] columnsOf;

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
    image = new BufferedImage(pictureWidth, pictureHeight, BufferedImage.TYPE_INT_RGB);
    sums = new float[pictureHeight][];
    rowsOf = new int[pictureHeight];
    columnsOf = new int[pictureWidth];
    for (int y = 0; y < height; y += rowStep()) {
      rowsOf[rowOf(y)]++;
    }
    for (int x = 0; x < width; x++) {
      columnsOf[columnOf(x)]++;
    }
    rowsLeft = rowsOf.clone();
    int background = ToneMapping.toRgb(BACKGROUND, BACKGROUND, BACKGROUND);
    for (int y = 0; y < pictureHeight; y++) {
      for (int x = 0; x < pictureWidth; x++) {
        image.setRGB(x, y, background);
      }
    }
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

  /** Only every so manieth row is looked at; {@link #add} ignores the others. */
  int rowStep() {
    return Math.max(1, height / pictureHeight / ROWS_PER_ROW);
  }

  private int rowOf(int y) {
    return (int) ((long) y * pictureHeight / height);
  }

  private int columnOf(int x) {
    return (int) ((long) x * pictureWidth / width);
  }

  /**
   * Adds a row, once.
   *
   * @param values red, green, blue and perhaps alpha (premultiplied) of each pixel
   * @param isThere whether the pixel has been rendered at all
   */
  synchronized void add(int y, float[][] values, IntPredicate isThere) {
    if (y % rowStep() != 0) {
      return;
    }
    int row = rowOf(y);
    float[] sum = sums[row];
    if (sum == null) {
      sum = new float[3 * pictureWidth];
      sums[row] = sum;
    }
    for (int x = 0; x < width; x++) {
      int at = 3 * columnOf(x);
      float behind = BACKGROUND;
      if (isThere.test(x)) {
        behind *= values.length > 3 ? 1 - Math.clamp(values[3][x], 0f, 1f) : 0;
        sum[at] += values[0][x];
        sum[at + 1] += values[1][x];
        sum[at + 2] += values[2][x];
      }
      sum[at] += behind;
      sum[at + 1] += behind;
      sum[at + 2] += behind;
    }
    rowsLeft[row]--;
    if (rowsLeft[row] == 0) {
      show(row, sum);
      sums[row] = null;
    }
  }

  private void show(int row, float[] sum) {
    int[] pixels = new int[pictureWidth];
    for (int x = 0; x < pictureWidth; x++) {
      float count = (float) rowsOf[row] * columnsOf[x];
      pixels[x] =
          ToneMapping.toRgb(sum[3 * x] / count, sum[3 * x + 1] / count, sum[3 * x + 2] / count);
    }
    image.setRGB(0, row, pictureWidth, 1, pixels, 0, pictureWidth);
  }

  /** The picture; dark grey in the rows that were not added. */
  synchronized BufferedImage image() {
    return image;
  }
}
