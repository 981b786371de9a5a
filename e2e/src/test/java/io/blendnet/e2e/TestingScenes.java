package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Small scenes, made for each run, and their frames as one Blender renders them. */
final class TestingScenes {
  static final int WIDTH = 224;
  static final int HEIGHT = 126;

  /** Of the scenes "adaptive" (at most) and "fixed". */
  static final int SAMPLES = 64;

  private static final Path FOLDER =
      Path.of(System.getProperty("basedir", "."), "target", "exact").toAbsolutePath().normalize();

  private static final Map<String, Path> REFERENCES = new HashMap<>();

  private TestingScenes() {}

  /** One of those that scenes.py saves. */
  static synchronized Path scene(String name) throws IOException, InterruptedException {
    Path file = FOLDER.resolve(name + ".blend");
    if (REFERENCES.isEmpty()) {
      Files.createDirectories(FOLDER);
      blender(List.of(), "scenes.py", FOLDER.toString());
      REFERENCES.put("", FOLDER);
    }
    return file;
  }

  /** All passes of a frame. */
  static Path passes(String scene, int frame) throws IOException, InterruptedException {
    return reference(scene, frame).resolve(frame + ".exr");
  }

  /** The picture of a frame, 8 bits. */
  static Path picture(String scene, int frame) throws IOException, InterruptedException {
    return reference(scene, frame).resolve(frame + ".png");
  }

  private static synchronized Path reference(String scene, int frame)
      throws IOException, InterruptedException {
    String key = scene + " " + frame;
    Path known = REFERENCES.get(key);
    if (known != null) {
      return known;
    }
    Path blend = scene(scene);
    Path folder = Files.createDirectories(FOLDER.resolve(scene));
    blender(
        List.of(blend.toString()), "reference.py", folder.toString(), Integer.toString(frame));
    REFERENCES.put(key, folder);
    return folder;
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
