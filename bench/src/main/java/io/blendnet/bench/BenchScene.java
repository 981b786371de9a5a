package io.blendnet.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The scene that the benchmarks render, made for each run.
 *
 * @param file the .blend
 */
record BenchScene(Path file, int width, int height, int samples) {
  /** Makes it from {@code --width}, {@code --height} and {@code --samples}. */
  static BenchScene make(Path folder, Map<String, Integer> flags)
      throws IOException, InterruptedException {
    BenchScene scene =
        new BenchScene(
            folder.resolve("still.blend"),
            flags.getOrDefault("--width", 1920),
            flags.getOrDefault("--height", 1080),
            flags.getOrDefault("--samples", 24));
    Commands.run(
        folder,
        List.of(
            "blender",
            "-b",
            "--factory-startup",
            "-noaudio",
            "--python-exit-code",
            "42",
            "-P",
            Commands.root().resolve("bench").resolve("scene.py").toString(),
            "--",
            scene.file.toString(),
            Integer.toString(scene.width),
            Integer.toString(scene.height),
            Integer.toString(scene.samples)));
    return scene;
  }

  /** In words, for the head of a report. */
  String description() {
    return "%d x %d, 12 channels, at most %d samples a pixel, adaptive"
        .formatted(width, height, samples);
  }
}
