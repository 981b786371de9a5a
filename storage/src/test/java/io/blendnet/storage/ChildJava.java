package io.blendnet.storage;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A program of this test's classes in a process of its own, to be killed like any other. */
final class ChildJava implements Closeable {
  private final Process process;
  private final BufferedReader output;

  private ChildJava(Process process) {
    this.process = process;
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts a program.
   *
   * @param options of the Java runtime; a folder for SQLite's native library among them, which a
   *     killed process leaves behind
   */
  static ChildJava start(Class<?> program, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    return new ChildJava(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  long pid() {
    return process.pid();
  }

  /** The next line that it prints; empty when it has ended. */
  Optional<String> line() throws IOException {
    return Optional.ofNullable(output.readLine());
  }

  /** The lines that it has printed and nobody has read. */
  List<String> rest() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  /** Ends it at once: kill -9. What it printed can still be read. */
  void kill() throws InterruptedException {
    // By its handle: Process.destroyForcibly would close its output as well.
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    output.close();
  }
}
