package io.blendnet.server;

import io.blendnet.protocol.MalformedJsonException;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.WireJson;
import io.blendnet.security.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The installed curl: a client that nobody here wrote. */
record Curl(ServerAddress server, Path authority, Credentials credentials) {
  Curl with(Credentials others) {
    return new Curl(server, authority, others);
  }

  /** Calls a path under {@code /api/v1/}, percent-encoded by the caller. */
  CurlAnswer call(String path, String... options) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("curl");
    try {
      return call(folder, server + "/api/v1/" + path, options);
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private CurlAnswer call(Path folder, String url, String... options)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "--path-as-is",
                "--max-time",
                "60",
                "--cacert",
                authority.toString(),
                "-D",
                folder.resolve("headers").toString(),
                "-o",
                folder.resolve("body").toString(),
                "-w",
                "%{http_code} %{http_version} %{size_upload} %{num_connects}",
                "-K",
                "-"));
    command.addAll(Arrays.asList(options));
    command.add(url);
    Process process = new ProcessBuilder(command).start();
    try (var in = process.outputWriter()) {
      in.write("user = \"%s:%s\"\n".formatted(credentials.user(), credentials.password().reveal()));
    }
    String[] facts =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split(" ", -1);
    String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new CurlAnswer(
        process.waitFor(),
        Integer.parseInt(facts[0]),
        facts[1],
        Long.parseLong(facts[2]),
        headers(folder.resolve("headers")),
        Files.exists(folder.resolve("body"))
            ? Files.readAllBytes(folder.resolve("body"))
            : new byte[0],
        error);
  }

  private static Map<String, String> headers(Path file) throws IOException {
    Map<String, String> headers = new HashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          headers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
        }
      }
    }
    return headers;
  }

  /**
   * What curl saw.
   *
   * @param exit curl's own exit code
   * @param version 1.1 or 2
   * @param uploaded bytes of the body that it sent
   * @param headers by lower-case name
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record CurlAnswer(
      int exit,
      int status,
      String version,
      long uploaded,
      Map<String, String> headers,
      byte[] body,
      String error) {
    JsonNode json() throws MalformedJsonException {
      return WireJson.readTree(body);
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }
}
