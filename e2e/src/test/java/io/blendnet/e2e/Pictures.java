package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Compares pictures of 8 bits a channel. */
final class Pictures {
  /** One pixel is allowed also where the picture is so small that this share of it is none. */
  private static final double SHARE = 0.0001;

  private Pictures() {}

  /** At most a step of 1 in 255, in at most one pixel of ten thousand. */
  static void assertSame(Path actual, Path expected) throws IOException {
    Raster one = raster(actual);
    Raster other = raster(expected);
    assertThat(one.getBounds()).isEqualTo(other.getBounds());
    assertThat(one.getNumBands()).isEqualTo(other.getNumBands());
    int pixels = 0;
    int most = 0;
    int[] a = new int[one.getNumBands()];
    int[] b = new int[one.getNumBands()];
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        one.getPixel(x, y, a);
        other.getPixel(x, y, b);
        int difference = 0;
        for (int band = 0; band < a.length; band++) {
          difference = Math.max(difference, Math.abs(a[band] - b[band]));
        }
        pixels += difference > 0 ? 1 : 0;
        most = Math.max(most, difference);
      }
    }
    long area = (long) one.getWidth() * one.getHeight();
    assertThat(most).as("largest difference, of 255").isLessThanOrEqualTo(1);
    assertThat(pixels)
        .as("pixels that differ, of %d", area)
        .isLessThanOrEqualTo((int) Math.max(1, Math.floor(area * SHARE)));
  }

  private static Raster raster(Path file) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image).as(file.toString()).isNotNull();
    return image.getRaster();
  }
}
