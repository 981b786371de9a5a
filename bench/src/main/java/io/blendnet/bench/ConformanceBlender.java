package io.blendnet.bench;

import io.blendnet.blender.BlenderFinder;
import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.BlenderNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A Blender that the suite holds us to, as a user would start it by hand. */
record ConformanceBlender(BlenderInstallation installation) {
  private static final Path SCRIPT = Commands.root().resolve("bench/conformance_scenes.py");

  static ConformanceBlender executable(Path folder) throws BlenderNotFoundException {
    return new ConformanceBlender(new BlenderFinder(folder).find());
  }

  /**
   * The module bpy that bench/run installed.
   *
   * @param python the Python that has it
   */
  static ConformanceBlender module(Path folder, Path python) throws BlenderNotFoundException {
    return new ConformanceBlender(new BlenderFinder(folder).findAt(python));
  }

  boolean isModule() {
    return installation.kind() == BlenderInstallation.Kind.PYTHON_MODULE;
  }

  /** Such as {@code 4.5.15}. */
  String version() {
    return installation.version().toString();
  }

  /**
   * Makes the scenes that this Blender can have.
   *
   * @return their claims by name
   */
  Map<String, String> makeScenes(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Commands.run(folder, command(1, "make", folder.toString()));
    Map<String, String> claims = new TreeMap<>();
    for (String line : Files.readAllLines(folder.resolve("log.txt"))) {
      String[] words = line.split(" ", 3);
      if (words.length == 3 && words[0].equals("made")) {
        claims.put(words[1], words[2]);
      }
    }
    return claims;
  }

  /**
   * Renders a whole frame in one process.
   *
   * @param folder where what it prints goes
   * @param pattern sampling pattern instead of the scene's own
   */
  void render(Path folder, Path scene, Path exr, int frame, int threads, Optional<String> pattern)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of("render", scene.toString(), exr.toString(), Integer.toString(frame)));
    pattern.ifPresent(arguments::add);
    Commands.run(folder, command(threads, arguments.toArray(String[]::new)));
  }

  private List<String> command(int threads, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(installation.executable().toString());
    if (!isModule()) {
      command.addAll(List.of("-b", "--factory-startup", "-noaudio", "--python-exit-code", "42"));
      command.addAll(List.of("-t", Integer.toString(threads), "-P"));
    }
    command.addAll(List.of(SCRIPT.toString(), "--"));
    command.addAll(List.of(arguments));
    return command;
  }
}
