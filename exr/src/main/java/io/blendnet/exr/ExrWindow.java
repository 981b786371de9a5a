package io.blendnet.exr;

import io.blendnet.domain.FrameSize;

/**
 * A data or display window: a rectangle of pixels whose corners belong to it.
 *
 * @param xMin first column, may be negative
 * @param yMin first row from the top, may be negative
 * @param xMax last column; the window is 1 to {@value FrameSize#LIMIT} pixels wide
 * @param yMax last row; the window is 1 to {@value FrameSize#LIMIT} pixels high
 */
public record ExrWindow(int xMin, int yMin, int xMax, int yMax) {
  public ExrWindow {
    long width = (long) xMax - xMin + 1;
    long height = (long) yMax - yMin + 1;
    if (width < 1 || height < 1 || width > FrameSize.LIMIT || height > FrameSize.LIMIT) {
      throw new IllegalArgumentException(
          "a window is 1 to %d pixels a side, not %d x %d"
              .formatted(FrameSize.LIMIT, width, height));
    }
  }

  /** The window of a whole frame, which starts at 0, 0. */
  public static ExrWindow of(FrameSize size) {
    return new ExrWindow(0, 0, size.width() - 1, size.height() - 1);
  }

  /** Columns. */
  public int width() {
    return xMax - xMin + 1;
  }

  /** Rows. */
  public int height() {
    return yMax - yMin + 1;
  }
}
