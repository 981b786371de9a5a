package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Small scenes, made for each run, and their frames as one Blender renders them. */
final class TestingScenes {
  static final int WIDTH = 224;
  static final int HEIGHT = 126;

  /** Of the scenes "adaptive" (at most) and "fixed". */
  static final int SAMPLES = 64;

  /** Of the scene "long". */
  static final int LONG_SAMPLES = 112;

  private static final Path FOLDER =
      Path.of(System.getProperty("basedir", "."), "target", "exact").toAbsolutePath().normalize();

  /** What this run has made. */
  private static final Set<Path> RENDERED = new HashSet<>();

  private TestingScenes() {}

  /** One of those that scenes.py saves. */
  static synchronized Path scene(String name) throws IOException, InterruptedException {
    Path file = FOLDER.resolve(name + ".blend");
    if (RENDERED.add(FOLDER)) {
      Files.createDirectories(FOLDER);
      blender(List.of(), "scenes.py", FOLDER.toString());
    }
    return file;
  }

  /** All passes of a frame. */
  static Path passes(String scene, int frame) throws IOException, InterruptedException {
    return reference(scene, frame + ".exr");
  }

  /** The picture of a frame, 8 bits. */
  static Path picture(String scene, int frame) throws IOException, InterruptedException {
    return reference(scene, frame + ".png");
  }

  /** Renders passes and pictures of the first frames in one go. */
  static void render(String scene, int frames) throws IOException, InterruptedException {
    List<String> names = new ArrayList<>();
    for (int frame = 1; frame <= frames; frame++) {
      names.add(frame + ".exr");
      names.add(frame + ".png");
    }
    references(scene, names);
  }

  private static Path reference(String scene, String name)
      throws IOException, InterruptedException {
    references(scene, List.of(name));
    return FOLDER.resolve(scene).resolve(name);
  }

  private static synchronized void references(String scene, List<String> names)
      throws IOException, InterruptedException {
    Path blend = scene(scene);
    Path folder = Files.createDirectories(FOLDER.resolve(scene));
    List<String> missing =
        names.stream().map(folder::resolve).filter(RENDERED::add).map(Path::toString).toList();
    if (!missing.isEmpty()) {
      blender(List.of(blend.toString()), "reference.py", missing.toArray(String[]::new));
    }
  }

  private static void blender(List<String> before, String script, String... arguments)
      throws IOException, InterruptedException {
    Path file = FOLDER.resolve(script);
    try (InputStream in = TestingScenes.class.getResourceAsStream(script)) {
      Files.write(file, in.readAllBytes());
    }
    Path log = FOLDER.resolve(script + ".log");
    List<String> command =
        new ArrayList<>(
            List.of("blender", "-b", "--factory-startup", "-noaudio", "--python-exit-code", "42"));
    command.addAll(before);
    command.addAll(List.of("-P", file.toString(), "--"));
    command.addAll(List.of(arguments));
    int code =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    assertThat(code).as(() -> text(log)).isZero();
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
