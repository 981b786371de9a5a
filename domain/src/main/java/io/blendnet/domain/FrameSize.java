package io.blendnet.domain;

/**
 * Width and height of a frame in pixels.
 *
 * @param width 1 to {@value #LIMIT}
 * @param height 1 to {@value #LIMIT}
 */
public record FrameSize(int width, int height) {
  /** Blender's own limit for a side of a picture ({@code RenderSettings.resolution_x}). */
  public static final int LIMIT = 65_536;

  public FrameSize {
    if (width < 1 || height < 1 || width > LIMIT || height > LIMIT) {
      throw new IllegalArgumentException(
          "A frame is 1 to %d pixels a side, not %d x %d".formatted(LIMIT, width, height));
    }
  }

  /** Number of pixels. */
  public long area() {
    return (long) width * height;
  }

  /** The tile that is the whole frame. */
  public Tile whole() {
    return new Tile(0, 0, width, height);
  }

  @Override
  public String toString() {
    return width + "x" + height;
  }
}
