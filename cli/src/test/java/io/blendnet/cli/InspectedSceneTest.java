package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.blendnet.blender.SceneFile;
import io.blendnet.blender.SceneFiles;
import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SceneFacts;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class InspectedSceneTest {
  private static final Path BLEND = Path.of("/p/castle.blend");
  private static final SceneFile WOOD = file("/p/wood.png", true, false);
  private static final SceneFile STONE = file("/elsewhere/stone.png", false, false);
  private static final SceneFile PACKED = file("/gone/packed.png", false, true);

  @Test
  void missingFilesAreListedWithWhoNeedsThem() {
    InspectedScene scene = scene(List.of(WOOD, STONE, PACKED), List.of());

    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> scene.check(false, false))
        .withMessageContaining("/p/castle.blend: 1 file that the scene needs cannot be found")
        .withMessageContaining("/elsewhere/stone.png (image, needed by Wall)")
        .withMessageContaining("--allow-missing")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("packed", "wood"))
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAILED));
  }

  @Test
  void missingFilesThatAreAllowedAreRemarked() throws Exception {
    assertThat(scene(List.of(STONE), List.of()).check(true, false))
        .singleElement()
        .asString()
        .startsWith("Renders without 1 file that the scene needs")
        .contains("/elsewhere/stone.png");
  }

  @Test
  void scriptsThatDoNotRunAreNamed() throws Exception {
    InspectedScene scene = scene(List.of(), List.of("rig_ui.py", "driver of Cube"));

    assertThat(scene.check(false, false))
        .singleElement()
        .asString()
        .contains("rig_ui.py, driver of Cube", "--trust-scripts");
    assertThat(scene.check(false, true)).isEmpty();
  }

  @Test
  void onlyWhatIsThereAndNotPackedIsSentAndTheSceneItselfOnce() {
    SceneFile itself = file(BLEND.toString(), true, false);

    assertThat(scene(List.of(WOOD, STONE, PACKED, itself), List.of()).filesToSend())
        .containsExactly(Path.of("/p/wood.png"));
  }

  @Test
  void picturesHaveBlendersOwnNames() {
    assertThat(scene(List.of(), List.of()).pictureName(20)).isEqualTo("castle0020.png");
  }

  @Test
  void aTaskIsNamedAfterSceneAndFrame() {
    assertThat(RenderRun.taskName(Path.of("/p/my 'castle' ä.blend"), 7, "m1x2").value())
        .isEqualTo("my_castle_-0007-m1x2");
    assertThat(RenderRun.taskName(Path.of("/" + "x".repeat(300) + ".blend"), 123456, "m").value())
        .hasSize(100 + "-123456-m".length());
  }

  private static SceneFile file(String path, boolean exists, boolean packed) {
    return new SceneFile(path, "image", exists, packed, "Wall");
  }

  private static InspectedScene scene(List<SceneFile> files, List<String> scripts) {
    return new InspectedScene(
        BLEND,
        List.of(7, 20),
        new SceneFacts(
            "CYCLES",
            BlenderVersion.find("3.4.1").orElseThrow(),
            new FrameSize(64, 36),
            16,
            false,
            List.of(),
            List.of(),
            false,
            List.of(),
            List.of(),
            ".png"),
        new SceneFiles(files, scripts, List.of("castle0007.png", "castle0020.png")));
  }
}
