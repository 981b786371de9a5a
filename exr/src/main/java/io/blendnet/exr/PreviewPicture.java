package io.blendnet.exr;

import io.blendnet.domain.Tile;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small tone-mapped pictures of cells, and pictures as PNG. */
public final class PreviewPicture {
  private PreviewPicture() {}

  /**
   * A picture of a part of a cell's file.
   *
   * @param rendered what the file has the pixels of
   * @param part what to show of it, such as the tile without its overscan; within {@code rendered}
   * @param longestSide the picture's limit in pixels; it's never larger than the part
   */
  public static BufferedImage of(Path exr, Tile rendered, Tile part, int longestSide)
      throws IOException {
    if (!rendered.contains(part)) {
      throw new IllegalArgumentException(part + " is not within " + rendered);
    }
    Downscale picture = new Downscale(part.width(), part.height(), longestSide);
    try (ExrReader reader = ExrReader.open(exr)) {
      CellCheck.checkSize(exr, reader.header(), rendered);
      int[] channels = Downscale.combinedChannels(reader.header());
      if (channels.length > 0) {
        RowLayout layout = RowLayout.of(reader.header());
        int left = part.x() - rendered.x();
        int top = part.y() - rendered.y();
        reader.read((firstRow, rows, pixels) -> {
          float[][] values = new float[channels.length][part.width()];
          for (int row = 0; row < rows; row++) {
            int y = firstRow + row - top;
            if (y < 0 || y >= part.height()) {
              continue;
            }
            for (int i = 0; i < channels.length; i++) {
              layout.floats(pixels, row, channels[i], left, values[i], 0, part.width());
            }
            picture.add(y, values, _ -> true);
          }
        });
      }
    }
    return picture.image();
  }

  /**
   * The picture as PNG, halved until it fits.
   *
   * @param maxBytes the most bytes that the PNG may have; a picture of one pixel is returned
   *     whatever its size
   */
  public static byte[] png(BufferedImage picture, int maxBytes) throws IOException {
    BufferedImage current = picture;
    while (true) {
      byte[] encoded = encode(current);
      if (encoded.length <= maxBytes || (current.getWidth() == 1 && current.getHeight() == 1)) {
        return encoded;
      }
      current = halved(current);
    }
  }

  private static byte[] encode(BufferedImage picture) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(picture, "png", out)) {
        throw new IllegalStateException("This Java cannot write PNG");
      }
    }
    return bytes.toByteArray();
  }

  private static BufferedImage halved(BufferedImage picture) {
    int width = Math.max(1, picture.getWidth() / 2);
    int height = Math.max(1, picture.getHeight() / 2);
    BufferedImage half = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = half.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(picture, 0, 0, width, height, null);
    } finally {
      graphics.dispose();
    }
    return half;
  }
}
