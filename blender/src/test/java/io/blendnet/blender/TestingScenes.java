package io.blendnet.blender;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The scenes of {@code make_scenes.py}, made once for all tests by the Blender on this machine. */
final class TestingScenes {
  private static final TestingScenes SCENES = make();

  private final Path folder;

  private TestingScenes(Path folder) {
    this.folder = folder;
  }

  /** The .blend of that name. */
  static Path scene(String name) {
    return SCENES.folder.resolve(name + ".blend");
  }

  /** The folder with everything that the script made. */
  static Path folder() {
    return SCENES.folder;
  }

  /** Renders as a user would, without a session: {@code blender -b SCENE -o OUTPUT -f FRAME}. */
  static void renderDirectly(Path blend, int frame, Path output, String python)
      throws IOException, InterruptedException {
    run(
        List.of(
            blend.toString(),
            "--python-expr",
            python,
            "-o",
            output.toString(),
            "-f",
            Integer.toString(frame)));
  }

  private static TestingScenes make() {
    try {
      Path root = Files.createTempDirectory("blendnet scenes é");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(root)));
      Path folder = Files.createDirectories(root.resolve("scenes"));
      run(
          List.of(
              "-P",
              Path.of("src/test/python/make_scenes.py").toAbsolutePath().toString(),
              "--",
              folder.toString()));
      return new TestingScenes(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the scenes were made", e);
    }
  }

  private static void run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("blender", "-b", "--factory-startup", "-noaudio", "--python-exit-code", "42"));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException("Blender ended with " + code + ":\n" + output);
    }
  }

  private static void delete(Path root) {
    try (var paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      System.err.println("The scenes stay in " + root + ": " + e);
    }
  }
}
