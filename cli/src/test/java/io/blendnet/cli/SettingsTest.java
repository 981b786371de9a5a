package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.blendnet.agent.ScenePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @TempDir private Path folder;

  @Test
  void withoutAFileAManagerHasItsDefaults() throws Exception {
    ManagerSettings settings = ManagerSettings.from(SettingsFile.none(folder), folder);

    assertThat(settings.server().listenHost()).isEqualTo("127.0.0.1");
    assertThat(settings.server().listenPort()).isEqualTo(8443);
    assertThat(settings.server().portFile()).isEmpty();
    assertThat(settings.server().user()).isEqualTo("blendnet");
    assertThat(settings.server().password()).isEmpty();
    assertThat(settings.server().dataFolder()).isEqualTo(folder.resolve("blendnet-manager"));
    assertThat(settings.server().hostNames()).isEmpty();
    assertThat(settings.localAgents()).isZero();
    assertThat(settings.blender()).isEmpty();
    assertThat(settings.stopWhenIdle()).isEmpty();
    assertThat(settings.agentIdle()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.storage().keepUnused()).isEqualTo(Duration.ofHours(24));
    assertThat(settings.storage().limit()).isEqualTo(Long.MAX_VALUE);
    assertThat(settings.endCommand().words()).isEmpty();
    assertThat(settings.scenes()).isEqualTo(ScenePolicy.DEFAULT);
  }

  @Test
  void withoutAFileAnAgentHasItsDefaults() throws Exception {
    AgentSettings settings = AgentSettings.from(SettingsFile.none(folder), folder);

    assertThat(settings.server().listenPort()).isEqualTo(9443);
    assertThat(settings.server().dataFolder()).isEqualTo(folder.resolve("blendnet-agent"));
    assertThat(settings.name().value()).isEqualTo("agent");
    assertThat(settings.cores()).isEmpty();
    assertThat(settings.blender()).isEmpty();
    assertThat(settings.unavailable()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.notice()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.endCommand().words()).isEmpty();
    assertThat(settings.scenes()).isEqualTo(ScenePolicy.DEFAULT);
  }

  @Test
  void whatScenesMayDoIsReadAndWrittenForLocalAgents() throws Exception {
    Path more = Files.createDirectory(folder.resolve("more"));
    String text =
        """
        scene-sandbox = required
        scene-scripts = unconfined
        scene-network = yes
        scene-folders = %s, /usr/share
        """
            .formatted(more);
    ScenePolicy expected =
        new ScenePolicy(
            ScenePolicy.SandboxUse.REQUIRED,
            ScenePolicy.Scripts.UNCONFINED,
            true,
            List.of(more, Path.of("/usr/share")));

    ScenePolicy read =
        ManagerSettings.from(ManagerSettings.read(write("manager.conf", text)), folder).scenes();

    assertThat(read).isEqualTo(expected);
    String lines = String.join("\n", SceneSettings.lines(read));
    assertThat(AgentSettings.from(AgentSettings.read(write("agent.conf", lines)), folder).scenes())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scene-scripts = everywhere | sandboxed, refused, unconfined",
        "scene-sandbox = yes | auto, required, off",
        "scene-network = true | yes, no",
        "scene-folders = textures | from / on",
        "scene-folders = /nowhere/at/all | /nowhere/at/all"
      })
  void aWrongWordAboutScenesIsToldTheRightOnes(String line, String said) throws Exception {
    SettingsFile file = AgentSettings.read(write("agent.conf", line));

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> AgentSettings.from(file, folder))
        .withMessageContaining(said);
  }

  @Test
  void everyKeyOfAnAgentIsRead() throws Exception {
    Path password = write("secret", "s3cret\n");
    Path file =
        write(
            "agent.conf",
            """
            # An agent in the cellar.
            listen-host = 0.0.0.0
            listen-port=0
            port-file = ports/agent

            auth-user = manager
            auth-password-file = secret
            host-names = cellar, cellar.example, 192.0.2.7
            data-folder = /var/lib/a = b
            instance-name = cellar-1
            cores = 3
            blender = blender-4.5/blender
            unavailable-timeout = 0
            notice = 2m
            end-command = touch "the end"
            """);

    AgentSettings settings = AgentSettings.from(AgentSettings.read(file), folder);

    assertThat(settings.server().listenHost()).isEqualTo("0.0.0.0");
    assertThat(settings.server().listenPort()).isZero();
    assertThat(settings.server().portFile()).contains(folder.resolve("ports/agent"));
    assertThat(settings.server().user()).isEqualTo("manager");
    assertThat(settings.server().password().orElseThrow().reveal()).isEqualTo("s3cret");
    assertThat(settings.server().hostNames())
        .containsExactly("cellar", "cellar.example", "192.0.2.7");
    assertThat(settings.server().dataFolder()).isEqualTo(Path.of("/var/lib/a = b"));
    assertThat(settings.name().value()).isEqualTo("cellar-1");
    assertThat(settings.cores()).contains(3);
    assertThat(settings.blender()).contains(folder.resolve("blender-4.5/blender"));
    assertThat(settings.unavailable()).isZero();
    assertThat(settings.notice()).isEqualTo(Duration.ofMinutes(2));
    assertThat(settings.endCommand().words()).containsExactly("touch", "the end");
    assertThat(Files.getPosixFilePermissions(password))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void aSlipOfTheHandIsRefusedWithTheNearestKey() throws Exception {
    Path file = write("agent.conf", "listen-prt = 9443\n");

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> AgentSettings.read(file))
        .withMessage(file + ": unknown key 'listen-prt'; did you mean 'listen-port'?");
  }

  @Test
  void aKeyLikeNoOtherIsRefusedWithAllThatThereAre() throws Exception {
    Path file = write("manager.conf", "qqqqqqqqqqqqqqqq = 1\n");

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> ManagerSettings.read(file))
        .withMessageContaining("'qqqqqqqqqqqqqqqq'")
        .withMessageContaining("listen-host, listen-port,")
        .withMessageContaining("local-agents");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          listen-port = 70000         | 'listen-port' is '70000', not a number from 0 to 65535
          listen-port = no            | 'listen-port' is 'no', not a number from 0 to 65535
          cores = 0                   | 'cores' is '0', not a number from 1 to 1024
          auth-user = a:b             | 'auth-user' has a ':'
          auth-user =                 | 'auth-user' is empty
          instance-name = a b         | 'instance-name' is 'a b'
          auth-password-file = nobody | 'auth-password-file' names a file that is not there
          unavailable-timeout = 10    | 'unavailable-timeout' is '10', not a time such as 30s, 10m or 2h
          notice = -1s                | 'notice' is '-1s', not a time
          notice =                    | 'notice' is empty; leave it out for its default
          end-command = "touch        | 'end-command' has a quote that is not closed
          end-command = powerof       | 'end-command' names 'powerof', and there is no such program
          listen-port 9443            | line 1: 'listen-port 9443' is not of the form 'key = value'
          """)
  void aValueThatCannotBeIsRefusedWithItsKey(String line, String message) throws Exception {
    Path file = write("agent.conf", line + "\n");

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> AgentSettings.from(AgentSettings.read(file), folder))
        .withMessageStartingWith(file.toString())
        .withMessageContaining(message);
  }

  @Test
  void aKeyThatStandsTwiceIsRefused() throws Exception {
    Path file = write("agent.conf", "cores = 1\ncores = 2\n");

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> AgentSettings.read(file))
        .withMessage(file + ", line 2: 'cores' stands twice");
  }

  @Test
  void thePublishedManagerFileIsRead() throws Exception {
    Path file =
        write(
            "manager.json",
            """
            {"listen_host": "0.0.0.0", "listen_port": 8444, "auth_user": "u", "auth_password": "p",
             "session_id": "abc", "provider": "local", "agents_max": 3, "instance_type": null,
             "agents_number": 2}
            """);

    SettingsFile read = ManagerSettings.read(file);
    ManagerSettings settings = ManagerSettings.from(read, folder);

    assertThat(settings.server().listenHost()).isEqualTo("0.0.0.0");
    assertThat(settings.server().listenPort()).isEqualTo(8444);
    assertThat(settings.server().user()).isEqualTo("u");
    assertThat(settings.server().password().orElseThrow().reveal()).isEqualTo("p");
    assertThat(read.remarks())
        .containsExactly(
            file + ": 'session_id' has no effect here",
            file + ": 'provider' has no effect here",
            file + ": 'agents_max' has no effect here",
            file + ": 'agents_number' is not known here and has no effect");
  }

  @Test
  void timesAndCommandsStandInThePublishedFilesToo() throws Exception {
    Path manager =
        write(
            "manager.json",
            """
            {"stop_when_idle": "30m", "agent_idle": 0, "end_command": ["touch", "the end; now"]}
            """);
    Path agent = write("agent.json", "{\"unavailable_timeout\": \"1h\", \"notice\": \"90s\"}");

    ManagerSettings managers = ManagerSettings.from(ManagerSettings.read(manager), folder);
    AgentSettings agents = AgentSettings.from(AgentSettings.read(agent), folder);

    assertThat(managers.stopWhenIdle()).contains(Duration.ofMinutes(30));
    assertThat(managers.agentIdle()).isZero();
    assertThat(managers.endCommand().words()).containsExactly("touch", "the end; now");
    assertThat(agents.unavailable()).isEqualTo(Duration.ofHours(1));
    assertThat(agents.notice()).isEqualTo(Duration.ofSeconds(90));
  }

  @ParameterizedTest
  @CsvSource({"500MB,500000000", "20 GB,20000000000", "2TB,2000000000000", "0,9223372036854775807"})
  void whatAManagerMayStoreIsWrittenWithItsUnit(String written, long bytes) throws Exception {
    Path file =
        write("manager.conf", "storage-limit = %s\nkeep-unused-files = 3d\n".formatted(written));

    ManagerSettings settings = ManagerSettings.from(ManagerSettings.read(file), folder);

    assertThat(settings.storage().limit()).isEqualTo(bytes);
    assertThat(settings.storage().keepUnused()).isEqualTo(Duration.ofDays(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"500", "1.5GB", "-1GB", "10gb", "GB"})
  void aSizeThatIsNoneIsRefused(String written) throws Exception {
    Path file = write("manager.conf", "storage-limit = %s\n".formatted(written));

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> ManagerSettings.from(ManagerSettings.read(file), folder))
        .withMessageContaining("'storage-limit' is '%s', not a size such as".formatted(written));
  }

  @Test
  void aListWhereOneValueBelongsIsRefused() throws Exception {
    Path list = write("manager.json", "{\"listen_host\": [\"a\", \"b\"]}");
    Path object = write("agent.json", "{\"end_command\": [{\"a\": 1}]}");

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> ManagerSettings.from(ManagerSettings.read(list), folder))
        .withMessage(list + ": 'listen-host' is a list, and should be one value");
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> AgentSettings.read(object))
        .withMessageContaining("'end_command' is an object or a list of such");
  }

  @Test
  void optionsStandBeforeTheFileAndAreNamedWhenTheyAreWrong() throws Exception {
    Path file = write("agent.conf", "notice = 1m\nunavailable-timeout = 1h\n");
    SettingsFile read = AgentSettings.read(file);

    AgentSettings settings =
        AgentSettings.from(read.under(Map.of(AgentSettings.NOTICE, "5s")), folder);

    assertThat(settings.notice()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.unavailable()).isEqualTo(Duration.ofHours(1));
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(
            () -> AgentSettings.from(read.under(Map.of(AgentSettings.NOTICE, "soon")), folder))
        .withMessage("--notice is 'soon', not a time such as 30s, 10m or 2h");
  }

  @Test
  void aFileThatIsNotJsonIsNamed() throws Exception {
    Path file = write("manager.json", "{\"listen_port\": ");

    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> ManagerSettings.read(file))
        .withMessageContaining(file.toString())
        .withMessageContaining("is not JSON");
  }

  @Test
  void ourOwnFileIsTakenBeforeThePublishedOne() throws Exception {
    write("agent.json", "{}");
    assertThat(ServerSettings.configurationIn(folder, "agent"))
        .contains(folder.resolve("agent.json"));

    write("agent.conf", "");
    assertThat(ServerSettings.configurationIn(folder, "agent"))
        .contains(folder.resolve("agent.conf"));
    assertThat(ServerSettings.configurationIn(folder, "manager")).isEmpty();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
