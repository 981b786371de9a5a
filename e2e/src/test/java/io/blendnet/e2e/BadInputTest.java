package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.e2e.CommandRoom.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong is said before anything is rendered, and nothing is left behind. */
class BadInputTest {
  @TempDir private Path folder;
  private CommandRoom room;
  private Path project;
  private Path output;

  @BeforeEach
  void enter() throws IOException {
    room = CommandRoom.in(folder);
    project = Files.createDirectories(folder.resolve("project"));
    output = folder.resolve("pictures");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    room.assertNothingLeft();
    assertThat(output).doesNotExist();
  }

  private Ended render(Path blend, String... more) throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("render", blend.toString()));
    arguments.addAll(List.of("--output", output.toString()));
    arguments.addAll(List.of(more));
    return room.blendnet(arguments.toArray(String[]::new));
  }

  private Path scene(String name) throws IOException {
    return CommandScenes.copyOf(name, project);
  }

  @Test
  void aSceneThatIsNotThere() throws Exception {
    Path blend = project.resolve("none.blend");
    render(blend).assertExitCode(2).assertSays("There is no file " + blend);
  }

  @Test
  void aFolderInPlaceOfAScene() throws Exception {
    render(project).assertExitCode(2).assertSays(project + " is a folder");
  }

  @Test
  void aTextThatIsNamedLikeAScene() throws Exception {
    Path blend = Files.writeString(project.resolve("notes.blend"), "Buy milk.\n");
    render(blend).assertExitCode(1).assertSays(blend + " is not a Blender file");
  }

  @Test
  void anEmptyFileThatIsNamedLikeAScene() throws Exception {
    Path blend = Files.createFile(project.resolve("empty.blend"));
    render(blend).assertExitCode(1).assertSays(blend + " is not a Blender file");
  }

  @Test
  void aSceneOfANewerBlender() throws Exception {
    Path blend = CommandScenes.savedByNewerBlender(scene("shot"));
    render(blend).assertExitCode(1).assertSays(blend.toString(), "saved by Blender 9.9", "later");
  }

  @Test
  void aSceneWithoutACamera() throws Exception {
    render(scene("no-camera")).assertExitCode(1).assertSays("has no camera", "Add one");
  }

  @Test
  void aMovieAsOutputFormat() throws Exception {
    render(scene("movie"))
        .assertExitCode(1)
        .assertSays("saved as a movie (FFMPEG)", "Choose an image format such as PNG");
  }

  @Test
  void aTextureThatIsMissingIsListed() throws Exception {
    render(scene("lost-texture"))
        .assertExitCode(1)
        .assertSays(
            "1 file that the scene needs",
            project.resolve("textures/lost.png").toString(),
            "--allow-missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "--frame 1048575 | Frame 1048575 is out of range; Blender's frames go from 0 to 1048574",
        "--frame -1 | '-1' is neither a frame nor a range of frames",
        "--frames 5-1 | run backwards; write 1-5",
        "--frames 1,x | 'x' is neither a frame nor a range of frames",
        "--samples 0 | --samples is at least 1, not 0",
        "--samples many | 'many' is not an int",
        "--agents 0 | --agents is at least 1, not 0",
        "--priority 101 | '101' is not -100 to 100",
        "--strategy stripes | 'stripes' is none of auto, tiles, samples, frame",
        "--sampels 4 | Unknown option",
        "--manager http://localhost:8443 | https"
      })
  void aWrongArgument(String arguments, String words) throws Exception {
    render(scene("shot"), arguments.split(" ", -1)).assertExitCode(2).assertSays(words);
  }

  @Test
  void aCommandThatNobodyKnows() throws Exception {
    room.blendnet("rendr", "a.blend").assertExitCode(2).assertSays("rendr", "render");
  }

  @Test
  void noSceneAtAll() throws Exception {
    room.blendnet("render").assertExitCode(2).assertSays("SCENE");
  }

  @Test
  void aFileInPlaceOfTheOutputFolder() throws Exception {
    Path file = Files.createFile(folder.resolve("a-file"));
    room.blendnet("render", scene("shot").toString(), "--output", file.toString())
        .assertExitCode(3)
        .assertSays("The output folder " + file + " cannot be made", "is a file");
    assertThat(file).isEmptyFile();
  }

  @Test
  void anOutputFolderBelowAFile() throws Exception {
    Path file = Files.createFile(folder.resolve("a-file"));
    Path wanted = file.resolve("pictures");
    room.blendnet("render", scene("shot").toString(), "--output", wanted.toString())
        .assertExitCode(3)
        .assertSays("output folder " + wanted, "a-file is a file");
  }

  @Test
  void anOutputFolderThatIsReadOnly() throws Exception {
    Path readOnly = folder.resolve("read-only");
    try (var _ = TestingDisk.mount(readOnly, "1m", "ro")) {
      room.blendnet("render", scene("shot").toString(), "--output", readOnly.toString())
          .assertExitCode(3)
          .assertSays(
              "Nothing can be written to the output folder " + readOnly, "Read-only", "--output");
    }
  }

  @Test
  void aBlenderThatIsNotThere() throws Exception {
    Path none = folder.resolve("no-blender");
    render(scene("shot"), "--blender", none.toString())
        .assertExitCode(3)
        .assertSays("The configured Blender does not exist: " + none);
  }

  @Test
  void aBlenderThatIsNone() throws Exception {
    Path script = Files.writeString(folder.resolve("blender"), "#!/bin/sh\necho no license\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    render(scene("shot"), "--blender", script.toString())
        .assertExitCode(3)
        .assertSays(script.toString(), "no license");
  }

  /** As a user who is not root, on a computer where nobody has installed a Blender yet. */
  @Test
  void noBlenderAndNoRightToInstallOne() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    // A copy: the checkout may lie where only its owner may look.
    Path launcher = folder.resolve("blendnet");
    Files.copy(CommandRoom.repository().resolve("blendnet"), launcher);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(folder.resolve("scripts"));
    for (String script : List.of("setup.sh", "build.sh", "packages.txt")) {
      Files.copy(
          CommandRoom.repository().resolve("scripts").resolve(script),
          folder.resolve("scripts").resolve(script));
    }
    // In a view of the file system of its own, where no program of that name can be run.
    String hidden =
        """
        for blender in $(which -a blender); do mount --bind /dev/null "$blender"; done
        exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
        """;
    Ended ended =
        room.start(
                List.of(
                    "unshare",
                    "--mount",
                    "sh",
                    "-c",
                    hidden,
                    "sh",
                    launcher.toString(),
                    "render",
                    scene("shot").toString()))
            .awaitEnd();
    ended
        .assertExitCode(3)
        .assertSays(
            "blender: renders",
            "only root may install packages",
            "apt-get install --no-install-recommends blender");
    assertThat(folder.resolve(".blendnet")).doesNotExist();
  }
}
