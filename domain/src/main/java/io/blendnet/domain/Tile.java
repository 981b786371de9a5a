package io.blendnet.domain;

import java.util.List;

/**
 * A rectangle of a frame, in pixels. {@code y} counts from the top, as the rows of an OpenEXR file
 * do; Blender's render border counts from below, and the session script turns it around.
 *
 * @param x first column, from 0
 * @param y first row from the top, from 0
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
public record Tile(int x, int y, int width, int height) implements Comparable<Tile> {
  public Tile {
    if (x < 0 || y < 0 || width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "No such tile: x %d, y %d, %d x %d".formatted(x, y, width, height));
    }
    Math.addExact(x, width);
    Math.addExact(y, height);
  }

  /** First column to the right of the tile. */
  public int right() {
    return x + width;
  }

  /** First row below the tile. */
  public int bottom() {
    return y + height;
  }

  /** Number of pixels. */
  public long area() {
    return (long) width * height;
  }

  public boolean contains(Tile other) {
    return x <= other.x && y <= other.y && right() >= other.right() && bottom() >= other.bottom();
  }

  public boolean overlaps(Tile other) {
    return x < other.right() && other.x < right() && y < other.bottom() && other.y < bottom();
  }

  /** Whether a halving leaves two tiles. */
  public boolean canBeHalved() {
    return width > 1 || height > 1;
  }

  /**
   * Cuts across the longer side, in the middle. Repeated halving keeps tiles between square and
   * 2:1, which keeps the overscan of a tile small against its area.
   *
   * @return the upper or left half, then the lower or right one
   */
  public List<Tile> halves() {
    if (!canBeHalved()) {
      throw new IllegalStateException("A tile of one pixel cannot be halved");
    }
    if (width >= height) {
      int left = width / 2;
      return List.of(new Tile(x, y, left, height), new Tile(x + left, y, width - left, height));
    }
    int upper = height / 2;
    return List.of(new Tile(x, y, width, upper), new Tile(x, y + upper, width, height - upper));
  }

  /**
   * The tile with a margin on every side, cut off where the frame ends.
   *
   * @param pixels the margin, at least 0
   */
  public Tile grown(int pixels, FrameSize frame) {
    int left = Math.max(0, x - pixels);
    int top = Math.max(0, y - pixels);
    return new Tile(
        left,
        top,
        Math.min(frame.width(), right() + pixels) - left,
        Math.min(frame.height(), bottom() + pixels) - top);
  }

  /** Reading order: by rows from the top, then by columns. */
  @Override
  public int compareTo(Tile other) {
    int byRow = Integer.compare(y, other.y);
    return byRow != 0 ? byRow : Integer.compare(x, other.x);
  }

  @Override
  public String toString() {
    return "%dx%d+%d+%d".formatted(width, height, x, y);
  }
}
