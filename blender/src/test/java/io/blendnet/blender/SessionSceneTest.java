package io.blendnet.blender;

import static io.blendnet.blender.TestingScenes.scene;
import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a session says about scenes, good and bad, and about their files. */
class SessionSceneTest {
  private static TestingSession session;

  @TempDir private Path folder;

  @BeforeAll
  static void startBlender() throws IOException {
    session = new TestingSession();
  }

  @AfterAll
  static void endBlender() throws IOException {
    session.close();
  }

  @Test
  void theSessionIntroducesItself() {
    assertThat(session.hello().get("id").asInt()).isZero();
    assertThat(session.hello().get("version").asString()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(session.hello().get("engines").toString()).contains("CYCLES");
  }

  @ParameterizedTest
  @CsvSource({
    "no-camera, has no camera",
    "movie, Choose an image format",
    "foreign-engine, FOREIGN_ENGINE",
    "there-is-none, There is no file"
  })
  void aSceneThatCannotBeRenderedIsRefusedWithTheReason(String name, String reason)
      throws IOException {
    assertRefused(scene(name), reason);
  }

  @Test
  void aTextFileNamedBlendIsRefused() throws IOException {
    assertRefused(
        Files.writeString(folder.resolve("text.blend"), "Dear farm,\n"), "is not a Blender file");
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(scene("fixed"));
    Path cut = folder.resolve("cut.blend");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 3));

    assertRefused(cut, "cannot read");
  }

  @Test
  void aFileOfANewerBlenderIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(scene("fixed"));
    byte[] head = "BLENDER-v909".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(head, 0, bytes, 0, head.length);
    Path newer = folder.resolve("newer.blend");
    Files.write(newer, bytes);

    assertRefused(newer, "saved by Blender 9.9");
    assertRefused(
        Files.writeString(folder.resolve("5.blend"), "BLENDER17-01v0912REND"),
        "saved by Blender 9.12");
  }

  private void assertRefused(Path blend, String reason) throws IOException {
    JsonNode answer = session.ask("open", Map.of("blend", blend.toString()));

    assertThat(answer.get("ok").asBoolean()).isFalse();
    assertThat(answer.get("failure").asString()).isEqualTo("scene");
    assertThat(answer.get("message").asString()).contains(reason);
    // ... and the session lives on
    session.open(scene("fixed"));
    session.render(
        1, new Tile(0, 0, 2, 2), 0, new SampleRange(0, 16), 16, folder.resolve("alive.exr"));
  }

  @Test
  void nonsenseIsAnsweredAndDoesNotEndTheSession() throws IOException {
    session.open(scene("fixed"));
    Tile tile = new Tile(0, 0, 4, 4);
    SampleRange all = new SampleRange(0, 16);
    Path output = folder.resolve("cell.exr");

    assertThat(session.send("{not json").get("message").asString()).contains("not JSON");
    assertThat(session.ask("dance", Map.of()).get("message").asString()).contains("'dance'");
    assertThat(session.ask("render", Map.of()).get("failure").asString()).isEqualTo("blender");
    assertThat(
            session
                .ask("render", TestingSession.cell(2_000_000, tile, 0, all, 16, false, output))
                .get("message")
                .asString())
        .contains("out of Blender's range");
    assertThat(
            session
                .ask(
                    "render",
                    TestingSession.cell(1, new Tile(61, 0, 4, 4), 0, all, 16, false, output))
                .get("message")
                .asString())
        .contains("4x4+61+0");
    JsonNode unwritable =
        session.ask(
            "render",
            TestingSession.cell(1, tile, 0, all, 16, false, folder.resolve("none/cell.exr")));
    assertThat(unwritable.get("failure").asString()).isEqualTo("machine");
    session.render(1, tile, 0, all, 16, output);
  }

  @Test
  void panoramasAreCutIntoTilesLikeOtherPictures() throws IOException {
    JsonNode facts = session.open(scene("panorama"));

    assertThat(facts.get("tileObstacles")).isEmpty();
  }

  @Test
  void theSampleCountOfAdaptiveSamplingIsNotCutIntoTiles() throws IOException {
    JsonNode facts = session.open(scene("counted"));

    assertThat(facts.get("tileObstacles").toString()).contains("Sample Count pass");
  }

  @Test
  void indirectLightBehindAVolumeIsNotCutIntoSampleRanges() throws IOException {
    JsonNode facts = session.open(scene("foggy"));

    assertThat(facts.get("tileObstacles")).isEmpty();
    assertThat(facts.get("sampleObstacles").toString()).contains("Diffuse Indirect pass");
  }

  @ParameterizedTest
  @CsvSource({"scrambled, 1", "scrambled-sobol, 0"})
  void theScramblingDistanceMattersToPatternsThatUseIt(String name, int obstacles)
      throws IOException {
    JsonNode facts = session.open(scene(name));

    assertThat(facts.get("tileObstacles")).isEmpty();
    assertThat(facts.get("sampleObstacles")).hasSize(obstacles);
  }

  @Test
  void aPassThatNobodyKnowsIsNamedAndNoOther() throws IOException {
    JsonNode facts =
        session
            .tell("open", Map.of("blend", scene("strange-pass").toString(), "trust_scripts", true))
            .get("facts");

    assertThat(facts.get("sampleObstacles")).isEmpty();
    assertThat(facts.get("warnings")).hasSize(1);
    assertThat(facts.get("warnings").toString())
        .contains("pass 'Wetness' of view layer 'ViewLayer'")
        .contains("--strategy tiles");
  }

  @Test
  void scriptsInTheFileRunOnlyWhenTheyAreTrusted() throws IOException {
    Path blend = scene("scripts/scripts");
    Path trace = blend.resolveSibling("script-ran");

    JsonNode facts = session.open(blend);
    assertThat(trace).doesNotExist();
    assertThat(facts.get("warnings").toString()).contains("rig.py").contains("--trust-scripts");
    JsonNode files = session.tell("files", Map.of());
    assertThat(files.get("scripts").toString())
        .contains("rig.py")
        .contains("needs Python")
        .doesNotContain("frame * 0.01");

    JsonNode trusted =
        session.tell("open", Map.of("blend", blend.toString(), "trust_scripts", true)).get("facts");
    assertThat(trace).exists();
    assertThat(trusted.get("warnings").toString()).doesNotContain("rig.py");
  }

  @Test
  void everyFileThatAFrameNeedsIsFound() throws IOException {
    Path home = TestingScenes.folder().resolve("home");
    Path project = home.resolve("Projekt äö 'x' \"y\"");
    session.open(project.resolve("scene ü.blend"));

    JsonNode answer = session.tell("files", Map.of("frames", List.of(3)));

    assertThat(paths(answer, true))
        .containsExactlyInAnyOrder(
            project.resolve("scene ü.blend").toString(),
            project.resolve("lib/local.blend").toString(),
            project.resolve("tex/wood é.png").toString(),
            project.resolve("tex/inside.png").toString(),
            project.resolve("tex/tile.1001.png").toString(),
            project.resolve("tex/tile.1002.png").toString(),
            project.resolve("tex/seq_0003.png").toString(),
            home.resolve("shared/libs/outer.blend").toString(),
            home.resolve("shared/libs/inner.blend").toString(),
            home.resolve("shared/tex/deep.png").toString(),
            home.resolve("shared/tex/metal.png").toString());
    assertThat(paths(answer, false))
        .containsExactlyInAnyOrder("/nowhere/gone.png", "C:/Users/Jö/tex/win.png");
  }

  @Test
  void pathsLeadIntoTheWorkspaceAlsoWithinLibrariesOfLibraries() throws IOException {
    Path home = TestingScenes.folder().resolve("home");
    Path project = home.resolve("Projekt äö 'x' \"y\"");
    session.open(project.resolve("scene ü.blend"));
    JsonNode submitted = session.tell("files", Map.of("frames", List.of(3)));
    Path workspace = folder.resolve("work ü");
    for (String path : paths(submitted, true)) {
      copyInto(workspace, project, Path.of(path));
    }
    Path windows = workspace.resolve("ext_deps/C_/Users/Jö/tex/win.png");
    Files.createDirectories(windows.getParent());
    Files.copy(project.resolve("tex/wood é.png"), windows);

    // The submitter's folder is out of reach, as it is on another computer
    Path away = Files.move(home, home.resolveSibling("home far away"));
    try {
      JsonNode facts =
          session
              .tell(
                  "open",
                  Map.of(
                      "blend",
                      workspace.resolve("project/scene ü.blend").toString(),
                      "project_path",
                      project.toString(),
                      "project_folder",
                      workspace.resolve("project").toString(),
                      "dependencies_folder",
                      workspace.resolve("ext_deps").toString()))
              .get("facts");
      assertThat(facts.get("warnings")).hasSize(1);
      assertThat(facts.get("warnings").toString()).contains("/nowhere/gone.png");
      JsonNode found = session.tell("files", Map.of("frames", List.of(3)));
      assertThat(paths(found, true))
          .hasSize(12)
          .allSatisfy(path -> assertThat(path).startsWith(workspace.toString()));
      session.render(
          1, new Tile(0, 0, 32, 18), 0, new SampleRange(0, 2), 2, folder.resolve("cell.exr"));
    } finally {
      Files.move(away, home, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void copyInto(Path workspace, Path project, Path file) throws IOException {
    Path target =
        file.startsWith(project)
            ? workspace.resolve("project").resolve(project.relativize(file).toString())
            : workspace.resolve("ext_deps").resolve(file.toString().substring(1));
    Files.createDirectories(target.getParent());
    Files.copy(file, target);
  }

  private static List<String> paths(JsonNode answer, boolean existing) {
    return answer
        .get("files")
        .valueStream()
        .filter(file -> file.get("exists").asBoolean() == existing)
        .map(file -> file.get("path").asString())
        .toList();
  }

  @Test
  void theSessionEndsWhenItIsTold() throws IOException, InterruptedException {
    try (var other = new TestingSession()) {
      assertThat(other.quit()).isZero();
    }
  }
}
