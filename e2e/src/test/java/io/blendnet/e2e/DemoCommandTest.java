package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.exr.ExrReader;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first thing that a newcomer types. */
class DemoCommandTest {
  @TempDir private Path folder;
  private CommandRoom room;

  @BeforeEach
  void enter() throws IOException {
    room = CommandRoom.in(folder);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    room.assertNothingLeft();
  }

  @Test
  void theDemoEndsWithThePathsOfThePictureAndOfItsLayers() throws Exception {
    Path output = folder.resolve("pictures");

    CommandRoom.Ended ended =
        room.blendnet("demo", "--samples", "1", "--agents", "2", "--output", output.toString())
            .assertExitCode(0);

    Path picture = output.resolve("orrery_0001.png");
    Path layers = output.resolve("orrery_0001.exr");
    assertThat(ended.output()).contains(picture.toString(), layers.toString(), "Took ");
    assertThat(ended.errors()).contains("a Manager in a process of its own", "2 agents");
    BufferedImage image = ImageIO.read(picture.toFile());
    assertThat(image.getWidth()).isEqualTo(960);
    assertThat(image.getHeight()).isEqualTo(540);
    try (ExrReader reader = ExrReader.open(layers)) {
      assertThat(reader.header().string("cycles.Orrery.samples")).contains("1");
    }
  }
}
