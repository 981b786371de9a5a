package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.cli.TestingProgram.Run;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.security.Credentials;
import io.blendnet.security.PrivateFiles;
import io.blendnet.security.Secret;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as its user starts it: a process of its own. */
@Timeout(60)
class MainTest {
  @TempDir private Path folder;

  /** A guard against hanging, on a busy computer too. */
  private static final Duration START = Duration.ofSeconds(45);

  @Test
  void helpNamesTheCommandsAndTheExitCodes() throws Exception {
    Run run = run("--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.output())
        .contains("demo", "render", "manager", "agent", "backup", "Exit codes", "130")
        .doesNotContain("warm-up");
  }

  @Test
  void helpOfAServerListsEveryKey() throws Exception {
    String manager = run("manager", "--help").output();
    String agent = run("agent", "--help").output();

    assertThat(manager).contains(ManagerSettings.keys().stream().map(SettingKey::name).toList());
    assertThat(agent).contains(AgentSettings.keys().stream().map(SettingKey::name).toList());
  }

  @Test
  void versionIsToldWithTheJavaThatRuns() throws Exception {
    Run run = run("--version");

    assertThat(run.exitCode()).isZero();
    assertThat(run.output()).contains("BlendNet", "Java", Runtime.version().toString());
  }

  @Test
  void wrongArgumentsAreUsageAndSayWhereHelpIs() throws Exception {
    Run run = run("render", "x.blend", "--frames", "10-1");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors()).contains("write 1-10", "blendnet render --help");
  }

  @Test
  void aSceneThatIsNotThereIsNamed() throws Exception {
    Run run = run("render", "näher 'dran'.blend");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.errors()).contains("There is no file", "näher 'dran'.blend");
    assertThat(folder.resolve("blendnet-output")).doesNotExist();
  }

  @Test
  void noSamplesAreRefused() throws Exception {
    Files.writeString(folder.resolve("x.blend"), "");

    Run run = run("render", "x.blend", "--samples", "0");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.errors()).contains("--samples is at least 1, not 0");
  }

  @Test
  void failuresAreToldInJsonToo() throws Exception {
    Run run = run("render", "none.blend", "--json");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output().strip()).startsWith("{\"event\":\"result\"").contains("none.blend");
  }

  @Test
  void aWrongKeyInAConfigurationIsUsage() throws Exception {
    Files.writeString(folder.resolve("manager.conf"), "listen-prt = 1\n");

    Run run = run("manager");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.errors()).contains("did you mean 'listen-port'?");
  }

  @Test
  void aManagerWithoutAPasswordAtHandIsUsage() throws Exception {
    Files.writeString(folder.resolve("x.blend"), "");

    Run run = run("render", "x.blend", "--manager", "https://127.0.0.1:1");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.errors()).contains("--password-file", "BLENDNET_PASSWORD");
  }

  @Test
  void aManagerTellsItsPortAndEndsInOrderOnSigterm() throws Exception {
    Files.writeString(folder.resolve("manager.conf"), "listen-port = 0\nport-file = port\n");
    Process manager = start("manager");
    try {
      await().atMost(START).until(() -> Files.exists(folder.resolve("port")));
      assertThat(Integer.parseInt(Files.readString(folder.resolve("port")).strip()))
          .isBetween(1, 65_535);
      assertThat(PrivateFiles.isPrivate(folder.resolve("blendnet-manager/password"))).isTrue();

      manager.destroy();

      assertThat(manager.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(manager.exitValue()).isZero();
      assertThat(errors()).contains("password in", "The Manager has ended");
    } finally {
      manager.destroyForcibly();
    }
  }

  @Test
  void aManagerWithNothingToDoEndsItselfAndItsMachine() throws Exception {
    Files.writeString(folder.resolve("manager.conf"), "listen-port = 0\nend-command = false\n");
    String mark = folder.resolve("the machine's end").toString();

    Run run = run("manager", "--stop-when-idle", "2s", "--end-command", "touch \"" + mark + "\"");

    assertThat(run.exitCode()).isZero();
    assertThat(run.errors())
        .contains("No task has been active for 2 s (stop-when-idle)", "The Manager has ended");
    assertThat(Path.of(mark)).exists();
  }

  @Test
  void aManagerThatIsToldToEndLeavesItsMachineRunning() throws Exception {
    Path mark = folder.resolve("mark");
    Files.writeString(
        folder.resolve("manager.json"),
        "{\"listen_port\": 0, \"port_file\": \"port\", \"stop_when_idle\": \"1h\", \"end_command\": [\"touch\", \"%s\"]}"
            .formatted(mark));
    Process manager = start("manager");
    try {
      await().atMost(START).until(() -> Files.exists(folder.resolve("port")));

      manager.destroy();

      assertThat(manager.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(errors()).contains("The Manager has ended");
      assertThat(mark).doesNotExist();
    } finally {
      manager.destroyForcibly();
    }
  }

  @Test
  void aServerEndsWithItsStarterWhenToldSo() throws Exception {
    Files.writeString(folder.resolve("manager.conf"), "listen-port = 0\nport-file = port\n");
    Process manager = start("manager", "--stop-with-parent");
    try {
      await().atMost(START).until(() -> Files.exists(folder.resolve("port")));

      manager.getOutputStream().close();

      assertThat(manager.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(manager.exitValue()).isZero();
    } finally {
      manager.destroyForcibly();
    }
  }

  @Test
  void aManagerGoesOnFromABackupThatWasMadeWhileItRan() throws Exception {
    TaskName task = new TaskName("shot 7");
    Path scene = Files.writeString(folder.resolve("scene.blend"), "a scene");
    Files.writeString(folder.resolve("manager.conf"), "listen-port = 0\nport-file = port\n");
    Process manager = start("manager");
    try {
      await().until(() -> Files.exists(folder.resolve("port")));
      Path home = folder.resolve("blendnet-manager");
      try (ManagerClient client = client("port", home)) {
        client.putFile(task, "scene.blend", scene, TransferProgress.NONE);
        client.configure(task, TaskConfig.EMPTY);
        Run backup = run("backup", "backups/monday", "--json");
        assertThat(backup.errors()).isEmpty();
        assertThat(backup.exitCode()).isZero();
        assertThat(backup.output().strip())
            .startsWith("{\"event\":\"result\",\"exit_code\":0")
            .endsWith("\"tasks\":1,\"files\":1,\"bytes\":7}")
            .contains(folder.resolve("backups/monday").toString());
        client.remove(task);
      }

      Run again = run("backup", "backups/monday");
      assertThat(again.exitCode()).isEqualTo(2);
      assertThat(again.errors()).contains("monday already", "choose another name");
    } finally {
      manager.destroyForcibly().waitFor();
    }

    Files.writeString(
        folder.resolve("copy.conf"),
        "listen-port = 0\nport-file = port-2\ndata-folder = backups/monday\n");
    Process copy = start("manager", "--config", "copy.conf");
    try {
      await().until(() -> Files.exists(folder.resolve("port-2")));
      try (ManagerClient client = client("port-2", folder.resolve("blendnet-manager"))) {
        assertThat(client.task(task).state()).isEqualTo(TaskState.CREATED);
        assertThat(client.file(task, "scene.blend").blob().size()).isEqualTo(7);
      }
    } finally {
      copy.destroyForcibly().waitFor();
    }
  }

  /** By the keys and the password of one Manager to whatever listens on a port. */
  private ManagerClient client(String portFile, Path home) throws IOException {
    return new ManagerAccess(
            new ServerAddress(
                "127.0.0.1", Integer.parseInt(Files.readString(folder.resolve(portFile)).strip())),
            new Credentials(
                "blendnet", Secret.of(Files.readString(home.resolve("password")).strip())),
            TrustedAuthority.load(home.resolve("authority/ca.crt")))
        .connect();
  }

  @Test
  void aBackupWithoutAFarmIsUsageAndMakesNothing() throws Exception {
    Run run = run("backup", "monday", "--json");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.errors()).contains("There is no farm in", "blendnet-manager", "--config");
    assertThat(run.output().strip()).startsWith("{\"event\":\"result\"").contains("no farm");
    assertThat(folder.resolve("monday")).doesNotExist();
    assertThat(folder.resolve("blendnet-manager")).doesNotExist();
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Files.writeString(
          folder.resolve("manager.conf"), "listen-port = " + taken.getLocalPort() + "\n");

      Run run = run("manager");

      assertThat(run.exitCode()).isEqualTo(3);
      assertThat(run.errors()).contains("Port " + taken.getLocalPort(), "taken");
    }
  }

  private Run run(String... arguments) throws IOException, InterruptedException {
    return program().run(arguments);
  }

  private Process start(String... arguments) throws IOException {
    return program().start(arguments);
  }

  private String errors() throws IOException {
    return program().errors();
  }

  private TestingProgram program() {
    return new TestingProgram(folder, Map.of());
  }
}
