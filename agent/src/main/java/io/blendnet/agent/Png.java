package io.blendnet.agent;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** PNG files in memory. */
final class Png {
  static {
    // ImageIO's files on the disk are slower than memory for small pictures, and can fail.
    ImageIO.setUseCache(false);
  }

  private Png() {}

  static byte[] of(BufferedImage picture) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!ImageIO.write(picture, "png", bytes)) {
      throw new IOException("This Java cannot write PNG");
    }
    return bytes.toByteArray();
  }
}
