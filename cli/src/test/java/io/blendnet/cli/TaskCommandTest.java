package io.blendnet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.cli.TestingProgram.Run;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code blendnet task} against a real Manager, which has no agents. */
@Timeout(120)
class TaskCommandTest {
  @TempDir private Path folder;

  private ManagerServer manager;
  private ManagerClient client;
  private TestingProgram program;

  @BeforeEach
  void startManager() throws IOException {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    Credentials user = Credentials.generate("artist");
    manager =
        ManagerServer.start(
            ManagerOptions.standard(
                "127.0.0.1",
                authority.issue("manager", List.of("localhost")),
                authority.trusted(),
                user,
                folder.resolve("manager"),
                "test"),
            new LogBuffer());
    var address = new ServerAddress("localhost", manager.port());
    client = new ManagerAccess(address, user, authority.trusted()).connect();
    program =
        new TestingProgram(
            folder,
            Map.of(
                "BLENDNET_MANAGER", address.toString(),
                "BLENDNET_USER", user.user(),
                "BLENDNET_PASSWORD", user.password().reveal(),
                "BLENDNET_CA", folder.resolve("authority/ca.crt").toString()));
  }

  @AfterEach
  void stopManager() throws IOException {
    client.close();
    manager.close();
  }

  private void create(String... names) throws Exception {
    Path scene = Files.writeString(folder.resolve("scene.blend"), "a scene");
    for (String name : names) {
      TaskName task = new TaskName(name);
      client.putFile(task, "//scene.blend", scene, TransferProgress.NONE);
      client.configure(task, TaskConfig.of("scene.blend", 7));
    }
  }

  private Run task(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("task"));
    all.addAll(List.of(arguments));
    return program.run(all.toArray(String[]::new));
  }

  private TaskState state(String name) throws Exception {
    return client.task(new TaskName(name)).state();
  }

  @Test
  void theListIsInOrderAndSaysWhyATaskWaits() throws Exception {
    create("castle-0001", "castle-0002", "forest", "new");
    for (String name : new String[] {"castle-0001", "castle-0002", "forest"}) {
      client.run(new TaskName(name));
    }
    client.prioritize(new TaskName("castle-0002"), new TaskPriority(-100));
    client.pause(new TaskName("castle-0002"));
    client.stop(new TaskName("forest"));

    Run run = task("list");

    assertThat(run.exitCode()).isZero();
    assertThat(run.errors()).isEmpty();
    assertThat(run.output().lines())
        .containsExactly(
            "TASK         STATE      PRIO  DONE",
            "castle-0001  pending       0  ░░░░░░░░░░░░   0 %  no agent is connected",
            "castle-0002  pending    -100  ░░░░░░░░░░░░   0 %  paused by the user",
            "new          created       0  ░░░░░░░░░░░░   0 %",
            "forest       stopped       0  ░░░░░░░░░░░░   0 %");
    assertThat(task("list", "castle-*", "forest").output().lines()).hasSize(4);
  }

  @Test
  void aFarmWithoutTasksSaysSo() throws Exception {
    assertThat(task("list").output().strip()).isEqualTo("There are no such tasks.");
  }

  @Test
  void aTaskIsShownWithItsMessages() throws Exception {
    create("castle");
    client.run(new TaskName("castle"));
    client.pause(new TaskName("castle"));

    Run run = task("show", "castle", "--messages");

    assertThat(run.exitCode()).isZero();
    assertThat(run.output().lines().map(String::strip))
        .startsWith(
            "castle", "state     pending, paused, priority 0", "waits     paused by the user")
        .contains("project   scene.blend", "frame     7", "manager", "Paused by the user");
  }

  @Test
  void tasksAreRunPausedResumedStoppedAndRemovedByNameAndPattern() throws Exception {
    create("castle-0001", "castle-0002", "forest");

    assertThat(task("run", "castle-*").output().lines())
        .containsExactly("castle-0001: ready to run", "castle-0002: ready to run");
    assertThat(state("castle-0002")).isEqualTo(TaskState.PENDING);
    assertThat(state("forest")).isEqualTo(TaskState.CREATED);

    assertThat(task("pause", "castle-0001", "f?rest", "castle-0001").output().lines())
        .containsExactly("castle-0001: paused", "forest: paused");
    assertThat(client.task(new TaskName("castle-0001")).paused()).isTrue();

    assertThat(task("resume", "*").output().lines())
        .containsExactly("castle-0001: resumed", "forest: resumed");
    assertThat(client.task(new TaskName("castle-0001")).paused()).isFalse();

    assertThat(task("priority", "--to", "-10", "castle-0002").output().strip())
        .isEqualTo("castle-0002: of priority -10");
    assertThat(client.task(new TaskName("castle-0002")).priority()).isEqualTo(-10);

    assertThat(task("stop", "*").output().lines())
        .containsExactly("castle-0001: stopped", "castle-0002: stopped");
    assertThat(task("remove", "--yes", "castle-*").exitCode()).isZero();
    assertThat(client.tasks()).containsOnlyKeys("forest");
  }

  @Test
  void whatTheManagerRefusesDoesNotKeepTheOtherTasks() throws Exception {
    create("castle");

    Run run = task("run", "nowhere", "castle");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.errors().strip()).isEqualTo("blendnet: There is no task 'nowhere'");
    assertThat(run.output().strip()).isEqualTo("castle: ready to run");
    assertThat(state("castle")).isEqualTo(TaskState.PENDING);
  }

  @Test
  void aRunningTaskIsNotRemoved() throws Exception {
    create("castle");
    client.run(new TaskName("castle"));

    Run run = task("remove", "--yes", "castle");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.errors()).contains("castle", "stop it first");
  }

  @Test
  void nothingIsRemovedWhereNobodyCanBeAsked() throws Exception {
    create("castle");

    Run run = task("remove", "castle");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.errors()).contains("--yes");
    assertThat(state("castle")).isEqualTo(TaskState.CREATED);
  }

  @Test
  void aPatternThatMatchesNothingIsAFailure() throws Exception {
    create("castle");

    Run run = task("stop", "cast*");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.errors()).contains("nothing to do", "cast*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pause", "list a/b", "priority castle", "priority --to 101 castle", "fly castle"})
  void wrongArgumentsAreUsage(String arguments) throws Exception {
    Run run = task(arguments.split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors()).startsWith("blendnet: ").doesNotContain("\tat ");
  }

  @Test
  void programsReadTheListAndTheChangesInJson() throws Exception {
    create("castle");

    List<JsonNode> changed = events(task("run", "castle", "nowhere", "--json"));
    assertThat(changed)
        .extracting(event -> event.path("event").asString())
        .containsExactly("changed", "refused", "result");
    assertThat(changed.getLast().path("exit_code").intValue()).isEqualTo(1);

    List<JsonNode> listed = events(task("list", "--json"));
    assertThat(listed).hasSize(2);
    assertThat(listed.getFirst().path("name").asString()).isEqualTo("castle");
    assertThat(listed.getFirst().path("state").asString()).isEqualTo("PENDING");
    assertThat(listed.getFirst().path("waiting").asString()).isEqualTo("no agent is connected");

    List<JsonNode> shown = events(task("show", "castle", "--messages", "--json"));
    assertThat(shown.getFirst().path("progress").path("phase").asString()).contains("Waiting");
    assertThat(shown.getFirst().path("messages").isObject()).isTrue();
  }

  private static List<JsonNode> events(Run run) {
    return run.output().lines().map(line -> JsonMapper.shared().readTree(line)).toList();
  }

  @Test
  void aManagerThatIsNotThereIsNamed() throws Exception {
    Run run = task("list", "--manager", "https://localhost:1", "--json");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.errors()).contains("localhost:1").doesNotContain("\tat ");
    assertThat(events(run).getLast().path("error").asString()).contains("localhost:1");
  }

  @Test
  void thePasswordOfAManagerInTheFolderIsToldToNoOther() throws Exception {
    Path data = Files.createDirectory(folder.resolve(ManagerSettings.STANDARD_DATA_FOLDER));
    Files.write(data.resolve("password"), "secret".getBytes(UTF_8));
    program = new TestingProgram(folder, Map.of("BLENDNET_MANAGER", client.server().toString()));

    Run run = task("list");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.errors()).contains("wants a password");
  }
}
