package io.blendnet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Programs that a benchmark runs, and its own flags and folders. */
final class Commands {
  private Commands() {}

  /** The repository's root. */
  static Path root() {
    return Path.of(System.getProperty("blendnet.root", "."));
  }

  /**
   * Runs a program to its end; what it prints goes to {@code log.txt} in the folder.
   *
   * @return how long it took
   * @throws IOException it failed; the message holds the end of what it printed
   */
  static Duration run(Path folder, List<String> command) throws IOException, InterruptedException {
    Path log = folder.resolve("log.txt");
    Instant begin = Instant.now();
    int code =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    Duration time = Duration.between(begin, Instant.now());
    requireDone(command.getFirst(), code, log);
    return time;
  }

  /**
   * Demands that a program ended well.
   *
   * @param log what it printed
   * @throws IOException it failed; the message holds the end of what it printed
   */
  static void requireDone(String program, int code, Path log) throws IOException {
    if (code != 0) {
      String output = Files.readString(log);
      throw new IOException(
          "%s ended with exit code %d: %s"
              .formatted(program, code, output.substring(Math.max(0, output.length() - 2_000))));
    }
  }

  /**
   * Flags with a number each.
   *
   * @throws IllegalArgumentException for any other, naming it
   */
  static Map<String, Integer> flags(String[] arguments, Set<String> known) {
    Map<String, Integer> flags = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (!known.contains(arguments[i]) || i + 1 == arguments.length) {
        throw new IllegalArgumentException(
            "Flags are %s, each with a number; not '%s'".formatted(known, arguments[i]));
      }
      flags.put(arguments[i], Integer.parseInt(arguments[i + 1]));
    }
    return flags;
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
