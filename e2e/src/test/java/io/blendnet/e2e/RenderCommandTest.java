package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.e2e.CommandRoom.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./blendnet render}, against a farm of its own and against a given Manager. */
class RenderCommandTest {
  @TempDir private Path folder;
  private CommandRoom room;
  private Path output;

  @BeforeEach
  void enter() throws IOException {
    room = CommandRoom.in(folder);
    output = folder.resolve("pictures");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    room.assertNothingLeft();
  }

  private Ended render(Path blend, String... more) throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("render", blend.toString()));
    arguments.addAll(List.of("--output", output.toString()));
    arguments.addAll(List.of(more));
    return room.blendnet(arguments.toArray(String[]::new));
  }

  private Ended renderOnManager(Path blend, String... more)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(RunningFarm.manager().asManager());
    arguments.addAll(List.of(more));
    return render(blend, arguments.toArray(String[]::new));
  }

  private Path scene(String name) throws IOException {
    return CommandScenes.copyOf(name, folder.resolve("project"));
  }

  private List<String> pictures() throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static List<JsonNode> events(Ended ended) {
    // Every line: whatever is not JSON fails here.
    return ended.output().lines().map(JsonMapper.shared()::readTree).toList();
  }

  private static List<JsonNode> events(Ended ended, String name) {
    return events(ended).stream()
        .filter(event -> event.get("event").asString().equals(name))
        .toList();
  }

  @Test
  void severalFramesOfAFarmOfItsOwnAreToldInJson() throws Exception {
    Ended ended =
        render(scene("shot"), "--frames", "1-3,5", "--agents", "2", "--json").assertExitCode(0);

    assertThat(events(ended)).allSatisfy(event -> assertThat(event.has("event")).isTrue());
    assertThat(events(ended, "frame").stream().map(event -> event.get("frame").asInt()))
        .containsExactlyInAnyOrder(1, 2, 3, 5);
    for (JsonNode frame : events(ended, "frame")) {
      Path picture = Path.of(frame.get("picture").asString());
      assertThat(picture)
          .isEqualTo(output.resolve("shot_%04d.png".formatted(frame.get("frame").asInt())));
      assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(64);
      assertThat(Path.of(frame.get("layers").asString())).exists();
      assertThat(frame.get("seconds").asDouble()).isPositive();
    }
    assertThat(events(ended, "progress").getLast().get("done").asDouble()).isEqualTo(1.0);
    assertThat(events(ended).getLast().get("event").asString()).isEqualTo("result");
    assertThat(events(ended).getLast().get("exit_code").asInt()).isZero();
    assertThat(pictures())
        .containsExactly(
            "shot_0001.exr",
            "shot_0001.png",
            "shot_0002.exr",
            "shot_0002.png",
            "shot_0003.exr",
            "shot_0003.png",
            "shot_0005.exr",
            "shot_0005.png");
  }

  @Test
  void aGivenManagerRendersTooAndKeepsNoTaskInProgress() throws Exception {
    Ended ended =
        renderOnManager(scene("shot"), "--frame", "7", "--samples", "4", "--priority", "77");

    ended.assertExitCode(0).assertSays("Renders on " + RunningFarm.manager().url());
    assertThat(ended.output()).contains("Frame 7: " + output.resolve("shot_0007.png"));
    assertThat(pictures()).containsExactly("shot_0007.exr", "shot_0007.png");
    assertThat(RunningFarm.manager().api().get("status").data().get("running")).isEmpty();
    assertThat(RunningFarm.manager().api().get("task").data().findValues("priority"))
        .extracting(JsonNode::asInt)
        .contains(77);
  }

  @Test
  void aBadSceneIsToldInJsonToo() throws Exception {
    Ended ended = render(scene("no-camera"), "--json").assertExitCode(1);

    JsonNode result = events(ended).getLast();
    assertThat(result.get("event").asString()).isEqualTo("result");
    assertThat(result.get("exit_code").asInt()).isEqualTo(1);
    assertThat(result.get("error").asString()).contains("has no camera");
  }

  @Test
  void aMissingTextureIsLeftOutWhenThatIsAllowed() throws Exception {
    String texture = folder.resolve("project/textures/lost.png").toString();
    renderOnManager(scene("lost-texture"), "--allow-missing")
        .assertExitCode(0)
        .assertSays("Renders without 1 file that the scene needs", texture);
    assertThat(pictures()).contains("shot_0001.png");
  }

  @Test
  void scriptsAreNamedAndRunOnlyWhenTrusted() throws Exception {
    Path blend = scene("scripts");
    Ended wary = renderOnManager(blend);
    wary.assertExitCode(0).assertSays("rig_ui.py", "do not run", "--trust-scripts");
    byte[] still = pixels();

    Ended trusting = renderOnManager(blend, "--trust-scripts", "--frame", "1");
    trusting.assertExitCode(0);
    assertThat(trusting.errors()).doesNotContain("do not run");
    // The driver has moved the cube.
    assertThat(pixels()).isNotEqualTo(still);
  }

  private byte[] pixels() throws IOException {
    var picture = ImageIO.read(output.resolve("shot_0001.png").toFile());
    var bytes = new byte[picture.getWidth() * picture.getHeight()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) picture.getRGB(i % picture.getWidth(), i / picture.getWidth());
    }
    return bytes;
  }

  @Test
  void denoisingThatCannotBeDoneIsSaidBeforeAndAfter() throws Exception {
    Ended ended = renderOnManager(scene("denoised"));

    ended.assertExitCode(0).assertSays("asks for denoising: it is rendered without");
    assertThat(ended.output()).contains("Note: ", "asks for denoising");
  }

  @Test
  void aWrongPasswordIsSaid() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong"), "not the password\n");
    Files.setPosixFilePermissions(
        wrong, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    RunningServer manager = RunningFarm.manager();
    render(
            scene("shot"),
            "--manager",
            manager.url(),
            "--user",
            "tester",
            "--password-file",
            wrong.toString(),
            "--ca",
            manager.authority().toString())
        .assertExitCode(3)
        .assertSays(manager.url(), "password");
    assertThat(output).doesNotExist();
  }

  @Test
  void anotherFarmsAuthorityIsSaid() throws Exception {
    RunningServer manager = RunningFarm.manager();
    render(
            scene("shot"),
            "--manager",
            manager.url(),
            "--user",
            "tester",
            "--password-file",
            manager.passwordFile().toString(),
            "--ca",
            RunningFarm.agent().authority().toString())
        .assertExitCode(3)
        .assertSays(manager.url(), "another authority", "ca.crt");
    assertThat(output).doesNotExist();
  }

  @Test
  void anAuthorityThatIsNotThereIsSaid() throws Exception {
    RunningServer manager = RunningFarm.manager();
    render(
            scene("shot"),
            "--manager",
            manager.url(),
            "--password-file",
            manager.passwordFile().toString())
        .assertExitCode(2)
        .assertSays("authority's certificate", "ca.crt", "--ca");
  }

  @Test
  void aManagerThatNobodyRunsIsSaid() throws Exception {
    RunningServer manager = RunningFarm.manager();
    render(
            scene("shot"),
            "--manager",
            "https://localhost:1",
            "--password-file",
            manager.passwordFile().toString(),
            "--ca",
            manager.authority().toString())
        .assertExitCode(3)
        .assertSays("https://localhost:1 is not reachable", "Is the server running?");
    assertThat(output).doesNotExist();
  }

  @Test
  void aHostThatNobodyKnowsIsSaid() throws Exception {
    RunningServer manager = RunningFarm.manager();
    render(
            scene("shot"),
            "--manager",
            "https://nobody.invalid:8443",
            "--password-file",
            manager.passwordFile().toString(),
            "--ca",
            manager.authority().toString())
        .assertExitCode(3)
        .assertSays("nobody knows the host name 'nobody.invalid'");
  }
}
