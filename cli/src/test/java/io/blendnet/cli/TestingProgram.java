package io.blendnet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The program as its user starts it: a process of its own, one at a time, in a folder.
 *
 * @param environment variables beside those of this process
 */
record TestingProgram(Path folder, Map<String, String> environment) {
  record Run(int exitCode, String output, String errors) {}

  Run run(String... arguments) throws IOException, InterruptedException {
    Process process = start(arguments);
    process.getOutputStream().close();
    if (!process.waitFor(50, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("The program does not end: " + List.of(arguments));
    }
    return new Run(process.exitValue(), Files.readString(folder.resolve("output.txt")), errors());
  }

  /** What it has said on standard error so far. */
  String errors() throws IOException {
    return Files.readString(folder.resolve("errors.txt"));
  }

  Process start(String... arguments) throws IOException {
    var command = new ArrayList<>(ThisProgram.command());
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("output.txt").toFile())
            .redirectError(folder.resolve("errors.txt").toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    builder.environment().keySet().removeIf(name -> name.startsWith("BLENDNET_"));
    builder.environment().putAll(environment);
    return builder.start();
  }
}
