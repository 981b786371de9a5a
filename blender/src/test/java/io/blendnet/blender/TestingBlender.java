package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The real Blender of this machine, and scenes that it makes. Without one, tests fail. */
final class TestingBlender {
  private TestingBlender() {}

  /** Not by the finder, whose tests are among ours. */
  static BlenderInstallation installation() {
    Path executable =
        Executables.onPath(HostSystem.current().blenderNames()).stream()
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("These tests need Blender: apt-get install blender"));
    return BlenderSession.unknown(executable, BlenderInstallation.Kind.EXECUTABLE);
  }

  /** The factory's cube in 64 x 36 pixels, 4 samples without adaptive sampling. */
  static Path cube(Path file) {
    return scene(file, "");
  }

  /**
   * @param changes Python, with {@code s} as the scene
   */
  static Path scene(Path file, String changes) {
    String script =
        """
        import bpy, os
        s = bpy.context.scene
        s.render.engine = 'CYCLES'
        s.cycles.samples = 4
        s.cycles.use_adaptive_sampling = False
        s.cycles.use_denoising = False
        s.render.resolution_x, s.render.resolution_y, s.render.resolution_percentage = 64, 36, 100
        """
            + changes
            + "\nbpy.ops.wm.save_as_mainfile(filepath=os.environ['BLEND'], compress=False)\n";
    try {
      Files.createDirectories(file.resolveSibling("dependencies"));
      ProcessBuilder builder =
          new ProcessBuilder(
                  installation().executable().toString(),
                  "--background",
                  "--factory-startup",
                  "-noaudio",
                  "--python-exit-code",
                  "1",
                  "--python-expr",
                  script)
              .redirectErrorStream(true);
      builder.environment().put("BLEND", file.toAbsolutePath().toString());
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return file;
  }

  static SceneRequest request(Path blend) {
    Path folder = Objects.requireNonNull(blend.toAbsolutePath().getParent());
    return new SceneRequest(
        blend,
        1,
        false,
        Optional.empty(),
        Optional.empty(),
        true,
        Optional.of(folder.toString()),
        Optional.of(folder.toString()),
        folder,
        folder.resolve("dependencies"));
  }
}
