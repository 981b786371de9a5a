package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names with spaces, quotes, letters of all scripts, and of 200 characters, from end to end. */
class StrangePathsTest {
  private static final String STRANGE = "a b 'c' \"d\" ü 木 # % & $(x) ; [é]";
  private static final String LONG =
      "long-" + "x".repeat(200 - "long-".length() - ".blend".length());

  @TempDir private Path folder;

  /** The scene's folder, its texture's, the farm's and the pictures' are all strange. */
  private void renders(String name, List<String> more) throws Exception {
    Path strange = folder.resolve(STRANGE);
    CommandRoom room = CommandRoom.in(strange);
    Path project = strange.resolve("my project").resolve(LONG.substring(0, 120));
    Path made = CommandScenes.copyOf("shot", project);
    Path blend = project.resolve(name + ".blend");
    Files.move(made, blend);
    Path output = strange.resolve("pictures of \"'").resolve(LONG.substring(0, 150));
    var arguments =
        new ArrayList<>(List.of("render", blend.toString(), "--output", output.toString()));
    arguments.addAll(more);

    var ended = room.blendnet(arguments.toArray(String[]::new)).assertExitCode(0);

    Path picture = output.resolve("shot_0001.png");
    assertThat(ended.output()).contains("Frame 1: " + picture);
    var pixels = ImageIO.read(picture.toFile());
    assertThat(pixels.getWidth()).isEqualTo(64);
    // The cube shines in its texture's green: the texture went the whole way too.
    int middle = pixels.getRGB(32, 18);
    assertThat((middle >> 8) & 0xff).isGreaterThan(150);
    assertThat((middle >> 16) & 0xff).isLessThan(30);
    room.assertNothingLeft();
  }

  @Test
  void aFarmOfItsOwnRendersWhatHasStrangeNames() throws Exception {
    renders("scene " + STRANGE, List.of());
  }

  @Test
  void aGivenManagerRendersWhatHasLongNames() throws Exception {
    renders(LONG, RunningFarm.manager().asManager());
  }

  @Test
  void serversWorkInStrangeFolders() throws IOException, InterruptedException {
    CommandRoom room = CommandRoom.in(folder);
    RunningServer manager = RunningServer.start(room, "manager", folder.resolve("m " + STRANGE));
    RunningServer agent = RunningServer.start(room, "agent", folder.resolve("a " + STRANGE));

    manager.employ("strange", agent);

    agent.end().assertExitCode(0);
    manager.end().assertExitCode(0);
    room.assertNothingLeft();
  }
}
