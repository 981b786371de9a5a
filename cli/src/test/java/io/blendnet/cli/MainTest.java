package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.cli.TestingProgram.Run;
import io.blendnet.security.PrivateFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as its user starts it: a process of its own. */
@Timeout(60)
class MainTest {
  @TempDir private Path folder;

  @Test
  void helpNamesTheCommandsAndTheExitCodes() throws Exception {
    Run run = run("--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.output())
        .contains("demo", "render", "manager", "agent", "Exit codes", "130")
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
      await().until(() -> Files.exists(folder.resolve("port")));
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
  void aServerEndsWithItsStarterWhenToldSo() throws Exception {
    Files.writeString(folder.resolve("manager.conf"), "listen-port = 0\nport-file = port\n");
    Process manager = start("manager", "--stop-with-parent");
    try {
      await().until(() -> Files.exists(folder.resolve("port")));

      manager.getOutputStream().close();

      assertThat(manager.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(manager.exitValue()).isZero();
    } finally {
      manager.destroyForcibly();
    }
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
