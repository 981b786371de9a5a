package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.e2e.CommandRoom.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The very lines of curl that README.md and docs/api.md show, run against running servers. */
class CurlTest {
  private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;
  private CommandRoom room;

  @BeforeEach
  void enter() throws IOException {
    room = CommandRoom.in(folder);
    CommandScenes.copyOf("shot", folder.resolve("made"));
    // Where the pages' examples have them.
    Files.copy(folder.resolve("made/shot.blend"), room.folder().resolve("scene.blend"));
    Path textures = Files.createDirectory(room.folder().resolve("textures"));
    Files.copy(folder.resolve("made/textures/wall.png"), textures.resolve("wood.png"));
    Files.copy(folder.resolve("made/textures/wall.png"), textures.resolve("wall.png"));
  }

  /** Lines of shell that a page shows and that talk to a server, in their order. */
  private static List<String> lines(String page, String from) throws IOException {
    String text = Files.readString(CommandRoom.repository().resolve(page));
    assertThat(text).contains(from);
    return SHELL
        .matcher(text.substring(text.indexOf(from)))
        .results()
        .map(match -> match.group(1))
        .filter(block -> block.contains("farm"))
        .flatMap(String::lines)
        .toList();
  }

  @Test
  void theReadmesLinesRenderAFrameOnAManager() throws Exception {
    follow(lines("README.md", "## By curl alone"), RunningFarm.manager());

    assertPictures();
  }

  @Test
  void theReadmesLinesRenderAFrameOnAnAgentAlone() throws Exception {
    follow(lines("README.md", "## By curl alone"), RunningFarm.lonelyAgent());

    assertPictures();
  }

  @Test
  void thePageOfTheApiShowsLinesThatWork() throws Exception {
    Files.writeString(
        room.folder().resolve("agent-one.json"), RunningServer.agentConfig(RunningFarm.agent()));

    follow(lines("docs/api.md", "# API v1"), RunningFarm.manager());

    assertThat(ImageIO.read(room.folder().resolve("shot-7.png").toFile()).getWidth()).isEqualTo(64);
  }

  private void assertPictures() throws IOException {
    for (String name : List.of("preview.png", "shot-7.png")) {
      var picture = ImageIO.read(room.folder().resolve(name).toFile());
      assertThat(picture.getWidth()).as(name).isEqualTo(64);
      assertThat(picture.getHeight()).as(name).isEqualTo(36);
    }
    // OpenEXR's magic number.
    assertThat(Files.readAllBytes(room.folder().resolve("shot-7.exr")))
        .startsWith(0x76, 0x2f, 0x31, 0x01);
  }

  /** Runs all lines; where the page says 'until', the line before is repeated until then. */
  private void follow(List<String> shown, RunningServer server) throws Exception {
    Files.copy(server.authority(), room.folder().resolve("ca.crt"));
    room.with("NAME", "tester").with("PASSWORD", server.password());
    var lines = new ArrayList<String>();
    for (String line : shown) {
      lines.add(line.startsWith("api=") ? "api=" + server.url() + "/api/v1" : line);
    }
    // The scene's own texture; the page cannot know its name.
    int wood = lines.indexOf("put shot-7 textures/wood.png textures/wood.png");
    lines.add(wood + 1, "put shot-7 textures/wall.png textures/wall.png");

    int wait = indexOf(lines, "# until \"state\" is COMPLETED");
    List<String> definitions = lines.subList(0, indexOf(lines, "put shot-7"));
    run(lines.subList(0, wait + 1));
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> run(definitions, lines.get(wait)).output().contains("\"COMPLETED\""));
    Ended fetched = run(definitions, String.join("\n", lines.subList(wait + 1, lines.size())));
    assertThat(fetched.output()).doesNotContain("\"success\":false");
    run(definitions, "farm --request DELETE $api/task/shot-7");
  }

  private static int indexOf(List<String> lines, String words) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(words)) {
        return i;
      }
    }
    throw new AssertionError("The page does not show '" + words + "' any more");
  }

  private Ended run(List<String> definitions, String command) throws Exception {
    var all = new ArrayList<>(definitions);
    all.add(command);
    return run(all);
  }

  private Ended run(List<String> lines) throws Exception {
    Ended ended = room.start(List.of("sh", "-eu", "-c", String.join("\n", lines))).awaitEnd();
    ended.assertExitCode(0);
    assertThat(ended.output()).doesNotContain("\"success\":false");
    return ended;
  }
}
