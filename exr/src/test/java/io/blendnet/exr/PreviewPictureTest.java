package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.FrameSize;
import io.blendnet.domain.Tile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Previews of cells, their tones and their size. */
class PreviewPictureTest {
  @TempDir Path folder;

  @Test
  void darkAndMiddleTonesAreThoseOfSrgb() {
    assertThat(ToneMapping.toByte(0)).isZero();
    assertThat(ToneMapping.toByte(0.18f)).isEqualTo(118);
    assertThat(ToneMapping.toByte(0.5f)).isEqualTo(188);
    assertThat(ToneMapping.toByte(0.0005f)).isEqualTo(2);
  }

  @Test
  void highlightsApproachWhiteAndNeverFall() {
    int last = 0;
    for (float light = 0; light < 4; light += 0.001f) {
      int value = ToneMapping.toByte(light);
      assertThat(value).isBetween(last, last + 4);
      last = value;
    }
    assertThat(ToneMapping.toByte(1)).isBetween(230, 254);
    assertThat(ToneMapping.toByte(Float.POSITIVE_INFINITY)).isEqualTo(255);
  }

  @Test
  void whatIsNoLightIsBlack() {
    assertThat(ToneMapping.toRgb(Float.NaN, -1, Float.NEGATIVE_INFINITY)).isZero();
  }

  @Test
  void aCellIsShownWithoutItsOverscan() throws IOException {
    Path file = folder.resolve("cell.exr");
    ExrHeader header =
        ExrHeader.of(new FrameSize(20, 12), SampleFiles.ALL_TYPES.subList(0, 4), Compression.ZIP);
    SampleFiles.write(
        file,
        header,
        (name, x, y) -> name.endsWith("A") ? 1 : x < 4 || y < 4 || x >= 16 || y >= 8 ? 9 : 0.5f);
    Tile rendered = new Tile(100, 50, 20, 12);
    Tile tile = new Tile(104, 54, 12, 4);
    BufferedImage preview = PreviewPicture.of(file, rendered, tile, 6);
    assertThat(preview.getWidth()).isEqualTo(6);
    assertThat(preview.getHeight()).isEqualTo(2);
    for (int i = 0; i < 12; i++) {
      assertThat(preview.getRGB(i % 6, i / 6) & 0xff_ffff).isEqualTo(0xbcbcbc);
    }
  }

  @Test
  void aPngIsHalvedUntilItFits() throws IOException {
    BufferedImage noise = new BufferedImage(200, 100, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      noise.setRGB(i % 200, i / 200, random.nextInt());
    }
    byte[] whole = PreviewPicture.png(noise, 1 << 20);
    byte[] bounded = PreviewPicture.png(noise, 20_000);
    assertThat(decode(whole).getWidth()).isEqualTo(200);
    assertThat(bounded.length).isLessThanOrEqualTo(20_000);
    assertThat(decode(bounded).getWidth()).isEqualTo(100);
  }

  private static BufferedImage decode(byte[] png) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    if (image == null) {
      throw new AssertionError("No PNG");
    }
    return image;
  }
}
