package io.blendnet.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program {@code openssl}: somebody else's opinion about certificates and TLS. */
record Openssl(int exitCode, String output) {
  static Openssl run(Path folder, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Openssl(process.waitFor(), output);
  }

  static Openssl mustSucceed(Path folder, String... arguments)
      throws IOException, InterruptedException {
    Openssl result = run(folder, arguments);
    if (result.exitCode() != 0) {
      throw new IOException("openssl " + String.join(" ", arguments) + ": " + result.output());
    }
    return result;
  }
}
