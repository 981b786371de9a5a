package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.e2e.CommandRoom.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever asks for many frames has the first ones while the others still render. */
class EarlyFramesTest {
  private static final int FRAMES = 40;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(5);

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

  @Test
  void aFinishedFrameIsFetchedWholeWhileLaterOnesRender() throws Exception {
    Path blend = CommandScenes.copyOf("shot", folder.resolve("project"));
    Running render =
        room.startBlendnet(
            "render",
            blend.toString(),
            "--output",
            output.toString(),
            "--frames",
            "1-" + FRAMES,
            "--agents",
            "1",
            "--json");
    Path first = output.resolve("shot_0001.png");
    await().atMost(PATIENCE).pollInterval(LOOK).until(() -> Files.exists(first));
    // What is left takes as long as this test wants.
    List<ProcessHandle> blenders = blenders(render);
    assertThat(blenders).isNotEmpty();
    HardLuckFarm.Unlucky.signal("STOP", blenders);
    try {
      assertThat(ImageIO.read(first.toFile()).getWidth()).isEqualTo(64);
      Path layers = output.resolve("shot_0001.exr");
      await().atMost(PATIENCE).until(() -> Files.exists(layers));
      assertThat(FrameFile.of(layers)).isNotNull();
      await().atMost(PATIENCE).until(() -> render.output().contains("\"event\":\"frame\""));
      assertThat(output.resolve("shot_%04d.png".formatted(FRAMES))).doesNotExist();
      assertThat(render.output()).doesNotContain("\"event\":\"result\"");
      assertThat(render.process().isAlive()).isTrue();
      // Whatever is there under its final name is whole.
      try (Stream<Path> files = Files.list(output)) {
        for (Path picture : files.filter(file -> file.toString().endsWith(".png")).toList()) {
          assertThat(ImageIO.read(picture.toFile())).as(picture.toString()).isNotNull();
        }
      }
    } finally {
      HardLuckFarm.Unlucky.signal("CONT", blenders);
    }
    render.interrupt();
    render.awaitEnd().assertExitCode(130).assertNoFault();
  }

  private static List<ProcessHandle> blenders(Running render) {
    return render
        .process()
        .descendants()
        .filter(process ->
            process.info().command().filter(command -> command.endsWith("/blender")).isPresent())
        .toList();
  }
}
