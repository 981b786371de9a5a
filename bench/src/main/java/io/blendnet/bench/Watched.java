package io.blendnet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How a program went.
 *
 * @param seconds from its start to its end
 * @param peak the most memory that it had, in bytes; -1 where the system does not say
 * @param output what it printed
 */
record Watched(double seconds, long peak, String output) {
  private static final long LOOK_MS = 20;

  /**
   * Runs a program to its end.
   *
   * @throws IOException it failed
   */
  static Watched run(ProcessBuilder command, Path scratch)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(scratch, "output", ".txt");
    long begin = System.nanoTime();
    Process process = command.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    long peak = -1;
    while (!process.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
      peak = Math.max(peak, peak(process.pid()));
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    Commands.requireDone(command.command().getFirst(), process.exitValue(), output);
    return new Watched(seconds, peak, Files.readString(output));
  }

  static Watched run(List<String> command, Path scratch) throws IOException, InterruptedException {
    return run(new ProcessBuilder(command), scratch);
  }

  /** The most memory that a living process had, in bytes. */
  static long peak(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      return -1;
    }
  }
}
