package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.e2e.CommandRoom.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./blendnet manager} and {@code ./blendnet agent}: their files, and their ends. */
class ServerCommandTest {
  @TempDir private Path folder;
  private CommandRoom room;

  @BeforeEach
  void enter() throws IOException {
    room = CommandRoom.in(folder);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    room.assertNothingLeft();
  }

  private Path config(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  /** The published protocol's file and certificate, made by openssl, in the working folder. */
  @ParameterizedTest
  @ValueSource(strings = {"manager", "agent"})
  void thePublishedFilesServe(String kind) throws Exception {
    Path place = room.folder();
    Files.writeString(
        place.resolve(kind + ".json"),
        ApiCaller.json(
            "listen_host", "127.0.0.1",
            "listen_port", 0,
            "port_file", "port",
            "auth_user", "tester",
            "auth_password", "published password",
            "session_id", "abc",
            "provider", "local",
            "agents_max", 2,
            "instance_name", "published"));
    openssl();
    Files.copy(place.resolve("server.crt"), place.resolve("ca.crt"));

    Running process = room.startBlendnet(kind);
    RunningServer server = RunningServer.listening(kind, place, process, "published password");

    ApiCaller api =
        ApiCaller.of(server.url(), place.resolve("ca.crt"), "tester", "published password");
    assertThat(api.get("info").data().get("engine").asString()).isEqualToIgnoringCase(kind);
    api.as("tester", "another").get("info").assertRefused(401, "unauthorized");
    server.end().assertExitCode(0).assertSays("'session_id' has no effect", "has ended");
  }

  private void openssl() throws IOException, InterruptedException {
    room.start(
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout",
                "server.key",
                "-out",
                "server.crt"))
        .awaitEnd()
        .assertExitCode(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"manager", "agent"})
  void aPortThatIsTakenIsSaid(String kind) throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path file =
          config("taken.conf", "listen-port = " + taken.getLocalPort(), "data-folder = data");
      room.blendnet(kind, "--config", file.toString())
          .assertExitCode(3)
          .assertSays("Port " + taken.getLocalPort(), "taken");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "manager | listen-prot = 1 | unknown key 'listen-prot'; did you mean 'listen-port'?",
        "agent | core = 2 | unknown key 'core'; did you mean 'cores'?",
        "manager | colour-of-the-sky = blue | the known ones are listen-host",
        "manager | listen-port = 65536 | 'listen-port' is '65536', not a number from 0 to 65535",
        "agent | cores = none | 'cores' is 'none', not a number from 1 to 1024",
        "manager | listen-port | line 1: 'listen-port' is not of the form 'key = value'",
        "agent | auth-password-file = none | names a file that is not there"
      })
  void aWrongConfigurationIsRefused(String kind, String line, String words) throws Exception {
    Path file = config("wrong.conf", line);
    room.blendnet(kind, "--config", file.toString())
        .assertExitCode(2)
        .assertSays(file.toString(), words);
    assertThat(folder.resolve("blendnet-" + kind)).doesNotExist();
  }

  @Test
  void aConfigurationThatIsNotThereIsSaid() throws Exception {
    room.blendnet("manager", "--config", "none.conf")
        .assertExitCode(2)
        .assertSays("There is no configuration file", "none.conf");
  }

  @Test
  void anAgentWithoutBlenderSaysSo() throws Exception {
    Path file = config("a.conf", "listen-port = 0", "blender = /none/blender");
    room.blendnet("agent", "--config", file.toString())
        .assertExitCode(3)
        .assertSays("does not exist: /none/blender");
  }

  @Test
  void anAgentThatNoManagerTalksToEndsItselfAndItsMachine() throws Exception {
    Path mark = folder.resolve("the machine's end");
    Path file =
        config(
            "lonely.conf",
            "listen-port = 0",
            "data-folder = data",
            "unavailable-timeout = 2s",
            "end-command = touch \"" + mark + "\"");

    room.blendnet("agent", "--config", file.toString())
        .assertExitCode(0)
        .assertSays("No Manager has talked to this agent for 2 s", "The agent has ended");

    assertThat(mark).exists();
  }

  @Test
  void anAgentThatIsToldToEndLeavesItsMachineRunning() throws Exception {
    Path mark = folder.resolve("mark");
    RunningServer agent =
        RunningServer.start(room, "agent", folder.resolve("one"), "end-command = touch " + mark);

    agent.end().assertExitCode(0).assertSays("The agent has ended");

    assertThat(mark).doesNotExist();
  }

  @Test
  void aFolderHasOneManager() throws Exception {
    RunningServer first = RunningServer.start(room, "manager", folder.resolve("one"));
    Path file = config("b.conf", "listen-port = 0", "data-folder = one/data");

    room.blendnet("manager", "--config", file.toString())
        .assertExitCode(3)
        .assertSays(folder.resolve("one/data").toString(), "process ");

    first.end().assertExitCode(0).assertSays("has ended");
  }

  @Test
  void ctrlCEndsAManagerWithItsLocalAgentsAndTheyAreThereWhenItStartsAgain() throws Exception {
    for (int start = 1; start <= 2; start++) {
      Files.deleteIfExists(folder.resolve("m/port"));
      RunningServer manager =
          RunningServer.start(room, "manager", folder.resolve("m"), "local-agents = 1");
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() ->
              manager
                  .api()
                  .get("resources")
                  .data()
                  .get("agents")
                  .valueStream()
                  .anyMatch(agent -> agent.get("active").asBoolean()));

      manager.process().interrupt();

      manager.process().awaitEnd().assertExitCode(0).assertNoFault();
    }
  }

  @Test
  void sigtermEndsAnAgentInMidFrameWithItsBlender() throws Exception {
    RunningServer agent = RunningServer.start(room, "agent", folder.resolve("a"));
    ApiCaller api = agent.api();
    Path blend = CommandScenes.copyOf("endless", folder.resolve("project"));
    api.putFile("task/endless/file/endless.blend", Files.readAllBytes(blend)).assertDone();
    api.put("task/endless/config", ApiCaller.json("project", "endless.blend")).assertDone();
    api.post("task/endless/run").assertDone();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> api.get("task/endless").data().get("done").asDouble() > 0);
    assertThat(room.processes()).anyMatch(command -> command.contains("session.py"));

    agent.end().assertExitCode(0).assertNoFault();
  }
}
