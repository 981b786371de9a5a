package io.blendnet.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A scene of {@code bench/chaos}.
 *
 * @param adaptive cut into tiles alone; else the farm takes sample ranges too
 */
record ChaosScene(Path blend, boolean adaptive, int width, int height, int samples) {
  static ChaosScene make(Path folder, boolean adaptive, ChaosOptions options)
      throws IOException, InterruptedException {
    String name = adaptive ? "adaptive" : "fixed";
    var scene =
        new ChaosScene(
            folder.resolve(name + ".blend"),
            adaptive,
            options.width(),
            options.height(),
            options.samples());
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
            scene.blend.toString(),
            Integer.toString(scene.width),
            Integer.toString(scene.height),
            Integer.toString(scene.samples),
            name));
    return scene;
  }
}
