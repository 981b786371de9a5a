package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.e2e.CommandRoom.Ended;
import io.blendnet.e2e.CommandRoom.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/**
 * A server that its own command started with a configuration file, on a port of the system's
 * choice.
 *
 * @param kind {@code manager} or {@code agent}
 * @param folder its working folder
 */
record RunningServer(String kind, Path folder, Running process, int port, String password) {
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  /** Starts one in a folder; further lines for its configuration file may be given. */
  static RunningServer start(CommandRoom room, String kind, Path folder, String... settings)
      throws IOException {
    Path config = configure(kind, folder, settings);
    Running process =
        room.startBlendnet(kind, "--config", config.toString(), "--folder", folder.toString());
    return listening(kind, folder, process, password(kind));
  }

  /** The same, for as long as this JVM is there. */
  static RunningServer startForAll(CommandRoom room, String kind, Path folder) throws IOException {
    Path config = configure(kind, folder);
    Running process =
        room.startServer(kind, "--config", config.toString(), "--folder", folder.toString());
    return listening(kind, folder, process, password(kind));
  }

  private static String password(String kind) {
    return "correct horse battery staple " + kind;
  }

  private static Path configure(String kind, Path folder, String... settings) throws IOException {
    Files.createDirectories(folder);
    String password = password(kind);
    Path secret = folder.resolve("secret");
    Files.writeString(secret, password + "\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path config = folder.resolve("my " + kind + ".conf");
    Files.writeString(
        config,
        """
        # A comment, and an empty line:

        listen-port = 0
        port-file = port
        auth-user = tester
        auth-password-file = secret
        data-folder = data
        """
            + String.join("\n", settings)
            + "\n");
    return config;
  }

  /** Waits until it has told its port in the file {@code port}. */
  static RunningServer listening(String kind, Path folder, Running process, String password)
      throws IOException {
    Path port = folder.resolve("port");
    await().atMost(DEADLINE).until(() -> Files.exists(port) || !process.process().isAlive());
    assertThat(port).as("%s%n%s", process.command(), process.errors()).exists();
    return new RunningServer(
        kind, folder, process, Integer.parseInt(Files.readString(port).strip()), password);
  }

  /** What clients have to trust. */
  Path authority() {
    return folder.resolve("data/authority/ca.crt");
  }

  Path passwordFile() {
    return folder.resolve("secret");
  }

  String url() {
    return "https://localhost:" + port;
  }

  ApiCaller api() {
    return ApiCaller.of(url(), authority(), "tester", password);
  }

  /** Options of {@code blendnet render} that use this Manager. */
  List<String> asManager() {
    return List.of(
        "--manager",
        url(),
        "--user",
        "tester",
        "--password-file",
        passwordFile().toString(),
        "--ca",
        authority().toString());
  }

  /** Lets a Manager have an agent, and waits until it works. */
  void employ(String name, RunningServer agent) throws IOException, InterruptedException {
    api().put("agent/" + name + "/config", agentConfig(agent)).assertDone();
    await()
        .atMost(DEADLINE)
        .untilAsserted(() -> {
          assertThat(api().get("resources").data().at("/agents/" + name + "/active").asBoolean())
              .isTrue();
        });
  }

  /** The body of {@code PUT agent/NAME/config} for an agent. */
  static String agentConfig(RunningServer agent) throws IOException {
    return ApiCaller.json(
        "address",
        "localhost",
        "port",
        agent.port,
        "auth_user",
        "tester",
        "auth_password",
        agent.password,
        "ca",
        Files.readString(agent.authority()));
  }

  /** SIGTERM. */
  Ended end() throws IOException, InterruptedException {
    process.terminate();
    return process.awaitEnd();
  }
}
