package io.blendnet.bench;

import static io.blendnet.bench.SecurityCheck.holds;
import static io.blendnet.bench.SecurityCheck.unless;

import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A Manager with agents of its own on the same computer. */
final class LocalAgentChecks {
  private static final String GROUP = "Agents that the Manager starts itself";

  private LocalAgentChecks() {}

  /**
   * @param farm a Manager with two {@code local-agents} that listen
   */
  static List<SecurityCheck> all(FarmProcess farm) {
    return List.of(
        new SecurityCheck(
            GROUP,
            "they listen on loopback alone, each on one port",
            _ -> {
              List<ServedPorts> ports = ServedPorts.of(farm);
              return unless(
                  ports.size() == 2 && ports.stream().allMatch(ServedPorts::isLoopback),
                  ports.toString());
            }),
        new SecurityCheck(
            GROUP,
            "their files and folders are for the Manager's user alone (0600, 0700)",
            _ -> FileChecks.open(farm.folder().resolve("data"))),
        new SecurityCheck(
            GROUP,
            "each has a password and a key of its own",
            _ -> {
              var passwords = new HashSet<String>(List.of(farm.password()));
              var keys = new HashSet<String>();
              for (Path agent : agents(farm)) {
                passwords.add(password(agent));
                keys.add(Files.readString(key(agent)));
              }
              return unless(passwords.size() == 3 && keys.size() == 2, "some are the same");
            }),
        new SecurityCheck(
            GROUP,
            "the password of one opens neither the other nor the Manager",
            _ -> rights(farm)),
        new SecurityCheck(
            GROUP,
            "neither passwords nor keys in command lines, environments and logs",
            _ -> {
              var text = new StringBuilder(Files.readString(farm.log()));
              List<String> secrets = new ArrayList<>(List.of(farm.password()));
              for (Path agent : agents(farm)) {
                secrets.add(password(agent));
                text.append(Files.readString(agent.resolve("agent.log")));
              }
              ProcessHandle manager = ProcessHandle.of(farm.started().getLast()).orElseThrow();
              for (ProcessHandle one :
                  Stream.concat(Stream.of(manager), manager.descendants()).toList()) {
                for (String file : List.of("cmdline", "environ")) {
                  text.append(
                      Files.readString(
                          Path.of("/proc", String.valueOf(one.pid()), file),
                          StandardCharsets.ISO_8859_1));
                }
              }
              return unless(
                  secrets.stream().noneMatch(secret -> text.indexOf(secret) >= 0)
                      && text.indexOf("PRIVATE KEY") < 0,
                  "one of them is there");
            }));
  }

  private static Optional<String> rights(FarmProcess farm)
      throws IOException, InterruptedException {
    List<Path> agents = agents(farm);
    for (Path agent : agents) {
      for (Path other : agents) {
        int status = status(farm, port(other), password(agent));
        int expected = agent.equals(other) ? 200 : 401;
        if (status != expected) {
          return Optional.of("an agent answers %d instead of %d".formatted(status, expected));
        }
      }
      int status = status(farm, farm.port(), password(agent));
      if (status != 401) {
        return Optional.of("the Manager answers " + status);
      }
    }
    return holds();
  }

  private static int status(FarmProcess farm, int port, String password)
      throws IOException, InterruptedException {
    Path authority =
        port == farm.port()
            ? farm.authority()
            : farm.folder().resolve("data/local/authority/ca.crt");
    String user = port == farm.port() ? FarmProcess.USER : "manager";
    String pair = user + ":" + password;
    try (HttpClient client =
        HttpClient.newBuilder()
            .sslContext(TrustedAuthority.load(authority).clientContext())
            .build()) {
      var request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/api/v1/info"))
              .header(
                  "Authorization",
                  "Basic "
                      + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  private static List<Path> agents(FarmProcess farm) {
    Path local = farm.folder().resolve("data/local/agents");
    return List.of(local.resolve("agent-1"), local.resolve("agent-2"));
  }

  private static Path key(Path agent) {
    return agent.resolve("server.key");
  }

  private static String password(Path agent) throws IOException {
    return Files.readString(agent.resolve("password")).strip();
  }

  private static int port(Path agent) throws IOException {
    return Integer.parseInt(Files.readString(agent.resolve("agent.port")).strip());
  }
}
