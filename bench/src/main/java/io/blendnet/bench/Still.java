package io.blendnet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One still frame: {@code blender -b} alone against a farm of one agent on the same cores. */
final class Still {
  private static final double AIM = 1.10;

  private Still() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, Integer> flags =
        Commands.flags(arguments, Set.of("--width", "--height", "--samples"));
    Path folder = Files.createTempDirectory("blendnet-bench-still-");
    try {
      measure(folder, BenchScene.make(folder, flags));
    } finally {
      Commands.delete(folder);
    }
  }

  private static void measure(Path folder, BenchScene scene)
      throws IOException, InterruptedException {
    int cores = Runtime.getRuntime().availableProcessors();
    System.out.printf("%s, %d cores%n", scene.description(), cores);
    Duration alone =
        Commands.run(
            folder,
            List.of(
                "blender",
                "-b",
                "--factory-startup",
                "-noaudio",
                "-t",
                Integer.toString(cores),
                scene.file().toString(),
                "-o",
                folder.resolve("alone-####").toString(),
                "-F",
                "PNG",
                "-f",
                "1"));
    System.out.printf("blender -b alone    %7.2f s%n", Commands.seconds(alone));
    Duration farm =
        Commands.run(
            folder,
            List.of(
                Commands.root().resolve("blendnet").toString(),
                "render",
                scene.file().toString(),
                "--agents",
                "1",
                "--output",
                folder.resolve("farm").toString(),
                "--json"));
    System.out.printf("farm of one agent   %7.2f s%n", Commands.seconds(farm));
    System.out.printf(
        "ratio               %7.3f   (aim: at most %.2f)%n",
        Commands.seconds(farm) / Commands.seconds(alone), AIM);
  }
}
