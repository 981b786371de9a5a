package io.blendnet.manager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.BlobsMissing;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.ParsedTaskConfig;
import io.blendnet.protocol.ResourceInfo;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Manager over real HTTPS and a real store, without agents. */
class ManagerServerTest {
  private static final TaskName TASK = new TaskName("still 1");

  @TempDir private Path folder;

  private FarmAuthority authority;
  private ServerIdentity identity;
  private Credentials user;
  private Optional<Duration> stopWhenIdle = Optional.empty();
  private ManagerServer manager;
  private ManagerClient client;

  @BeforeEach
  void startManager() throws IOException {
    authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    identity = authority.issue("manager", List.of("localhost", "127.0.0.1"));
    user = Credentials.generate("artist");
    start();
  }

  @AfterEach
  void stopManager() throws IOException {
    client.close();
    manager.close();
  }

  private void start() throws IOException {
    manager = ManagerServer.start(options(0), new LogBuffer());
    client =
        new ManagerClient(
            ClientOptions.of(
                new ServerAddress("127.0.0.1", manager.port()),
                authority.trusted().clientContext(),
                user.user(),
                () -> user.password().reveal()));
  }

  private ManagerOptions options(int port) {
    return new ManagerOptions(
        "127.0.0.1",
        port,
        identity,
        authority.trusted(),
        user,
        folder.resolve("manager data"),
        "manager",
        "test",
        Optional.empty(),
        stopWhenIdle,
        ManagerOptions.STANDARD_AGENT_IDLE,
        StorageRules.DEFAULT);
  }

  private void restart() throws IOException {
    stopManager();
    start();
  }

  private Path scene(String content) throws IOException {
    return Files.writeString(folder.resolve("scene.blend"), content);
  }

  private void submit(TaskName task, String content) throws Exception {
    client.putFile(task, "/projects/a b/scene.blend", scene(content), TransferProgress.NONE);
    client.configure(task, config());
  }

  private static TaskConfig config() {
    return new TaskConfig(
        Optional.of("scene.blend"),
        Optional.of("/projects/a b"),
        Optional.empty(),
        Optional.of(16),
        Optional.empty(),
        Optional.of(7),
        Optional.empty(),
        Optional.empty(),
        Optional.of("/home/me/out.png"),
        Optional.of(Strategy.TILES),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void aTaskThatIsRunWithoutAgentsWaitsAndSaysWhy() throws Exception {
    submit(TASK, "a scene");
    assertThat(client.task(TASK).state()).isEqualTo(TaskState.CREATED);

    client.run(TASK);

    TaskStatus status = client.status(TASK);
    assertThat(status.task().state()).isEqualTo(TaskState.PENDING);
    assertThat(status.progress().phase()).isEqualTo("Waiting: no agent is connected");
    assertThat(status.composeFilepath()).contains("/home/me/out.png");
    assertThat(status.task().frame()).contains(7);
    assertThat(status.samplesDone()).isZero();
  }

  @Test
  void aTaskOnceRunCannotBeChanged() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);

    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.configure(TASK, config()))
        .matches(refused -> refused.is(ErrorCode.TASK_STATE));
    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(
            () -> client.putFile(TASK, "//other.png", scene("other"), TransferProgress.NONE))
        .matches(refused -> refused.is(ErrorCode.TASK_STATE));
    assertThat(client.files(TASK)).containsOnlyKeys("/projects/a b/scene.blend");
  }

  @Test
  void aTaskWithoutItsProjectIsNotReadyAndStaysChangeable() throws Exception {
    client.putFile(TASK, "//texture.png", scene("pixels"), TransferProgress.NONE);
    client.configure(TASK, config());

    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.run(TASK))
        .matches(refused -> refused.is(ErrorCode.NOT_READY))
        .withMessageContaining("scene.blend")
        .withMessageContaining("texture.png");
    submit(TASK, "a scene");
    client.run(TASK);
    assertThat(client.task(TASK).state()).isEqualTo(TaskState.PENDING);
  }

  @Test
  void whatWasAcknowledgedIsThereAfterARestart() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    TaskName other = new TaskName("still 2");
    submit(other, "another scene");
    var filesBefore = client.files(TASK);

    restart();

    assertThat(client.task(TASK).state()).isEqualTo(TaskState.PENDING);
    assertThat(client.files(TASK)).isEqualTo(filesBefore);
    assertThat(client.task(other).state()).isEqualTo(TaskState.CREATED);
    assertThat(client.tasks()).containsOnlyKeys("still 1", "still 2");
  }

  @Test
  void aSecondManagerOnTheSameFolderRefusesAndNamesTheHolder() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ManagerServer.start(options(0), new LogBuffer()).close())
        .withMessageContaining("in use")
        .withMessageContaining(Long.toString(ProcessHandle.current().pid()));
  }

  @Test
  void aTakenPortIsNamedAndTheFolderLeftFree() throws Exception {
    stopManager();
    try (ServerSocket taken = new ServerSocket(0)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> ManagerServer.start(options(taken.getLocalPort()), new LogBuffer()))
          .withMessageContaining(Integer.toString(taken.getLocalPort()));
    }
    start();
    assertThat(client.tasks()).isEmpty();
  }

  @Test
  void aStoppedTaskCanBeRunAgain() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    client.stop(TASK);
    assertThat(client.task(TASK).state()).isEqualTo(TaskState.STOPPED);
    assertThat(client.task(TASK).endTime()).isPresent();

    client.run(TASK);

    assertThat(client.task(TASK).state()).isEqualTo(TaskState.PENDING);
    assertThat(client.task(TASK).endTime()).isEmpty();
  }

  @Test
  void aRunningTaskIsNotRemovedAndTheFilesOfARemovedOneStayForAWhile() throws Exception {
    submit(TASK, "a scene");
    submit(new TaskName("same scene"), "a scene");
    submit(new TaskName("other scene"), "another scene");
    client.run(TASK);
    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.remove(TASK))
        .matches(refused -> refused.is(ErrorCode.TASK_STATE));
    client.stop(TASK);
    assertThat(blobFiles()).isEqualTo(2);

    client.remove(TASK);
    client.remove(new TaskName("other scene"));

    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.task(TASK))
        .matches(refused -> refused.is(ErrorCode.TASK_NOT_FOUND));
    assertThat(blobFiles()).as("they may be wanted again with the next task").isEqualTo(2);
    restart();
    assertThat(blobFiles()).isEqualTo(2);
    assertThat(client.file(new TaskName("same scene"), "/projects/a b/scene.blend").blob().size())
        .isEqualTo(7);
  }

  @Test
  void contentsThatAreStoredBecomeFilesOfATaskAllOrNone() throws Exception {
    OfferedFile first = OfferedFile.read(Files.writeString(folder.resolve("first"), "first"));
    OfferedFile second = OfferedFile.read(Files.writeString(folder.resolve("second"), "second"));
    assertThat(client.sendFiles(List.of(first), TransferProgress.NONE).files()).isEqualTo(1);
    Map<String, BlobId> both = Map.of("//a.png", first.blob(), "//b.png", second.blob());

    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.attachFiles(TASK, both))
        .matches(refused -> refused.is(ErrorCode.BLOBS_MISSING))
        .satisfies(refused ->
            assertThat(refused.data(BlobsMissing.class))
                .contains(new BlobsMissing(List.of(new MissingBlob(second.blob().sha256(), 0)))));
    assertThat(client.tasks()).isEmpty();
    client.sendFiles(List.of(first, second), TransferProgress.NONE);
    client.attachFiles(TASK, both);
    client.attachFiles(TASK, Map.of("//a.png", second.blob()));

    assertThat(client.files(TASK)).containsOnlyKeys("//a.png", "//b.png");
    assertThat(client.file(TASK, "//a.png").blob().size()).isEqualTo(6);
    assertThat(client.file(TASK, "//b.png").blob().size()).isEqualTo(6);
    assertThat(client.sendFiles(List.of(first, second), TransferProgress.NONE).files())
        .as("what was replaced may be wanted again")
        .isZero();
  }

  @Test
  void aTaskOnceRunTakesNoFilesByContentEither() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    OfferedFile other = OfferedFile.read(Files.writeString(folder.resolve("other"), "other"));
    client.sendFiles(List.of(other), TransferProgress.NONE);

    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.attachFiles(TASK, Map.of("//other.png", other.blob())))
        .matches(refused -> refused.is(ErrorCode.TASK_STATE));
    assertThat(client.files(TASK)).containsOnlyKeys("/projects/a b/scene.blend");
  }

  private long blobFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("manager data/blobs"))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().matches("[0-9a-f]{60,64}"))
          .count();
    }
  }

  @Test
  void anAgentMayBeAddedTwiceButNotWithOtherSettings() throws Exception {
    AgentName name = new AgentName("shelf-1");
    AgentConfig config =
        new AgentConfig("127.0.0.1", 1, "agent", "secret", Optional.empty(), Optional.empty());
    client.putAgent(name, config);
    client.putAgent(name, config);

    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() ->
            client.putAgent(
                name,
                new AgentConfig(
                    "127.0.0.1", 2, "agent", "secret", Optional.empty(), Optional.empty())))
        .matches(refused -> refused.is(ErrorCode.CONFLICT));
    assertThat(client.resources().agents().values())
        .extracting(ResourceInfo.AgentMachine::name, ResourceInfo.AgentMachine::active)
        .containsExactly(tuple("shelf-1", false));

    client.removeAgent(name);
    assertThat(client.resources().agents()).isEmpty();
    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.removeAgent(name))
        .matches(refused -> refused.is(ErrorCode.AGENT_NOT_FOUND));
  }

  @Test
  void aTaskIsPausedAndResumedAndSaysWhyItWaits() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    assertThat(client.task(TASK).waiting()).contains("no agent is connected");

    client.pause(TASK);
    client.pause(TASK);

    TaskStatus paused = client.status(TASK);
    assertThat(paused.task().state()).isEqualTo(TaskState.PENDING);
    assertThat(paused.task().paused()).isTrue();
    assertThat(paused.task().waiting()).contains("paused by the user");
    assertThat(paused.progress().phase()).isEqualTo("Paused");
    client.resume(TASK);
    client.resume(TASK);
    assertThat(client.task(TASK).paused()).isFalse();
    assertThat(client.tasks().values())
        .extracting(TaskInfo::waiting)
        .containsExactly(Optional.of("no agent is connected"));
    assertThat(client.messages(TASK).get("manager"))
        .containsExactly("Paused by the user", "Resumed by the user");
  }

  @Test
  void aNewTaskCanBePausedBeforeItIsRun() throws Exception {
    submit(TASK, "a scene");
    client.pause(TASK);
    assertThat(client.task(TASK).waiting()).as("nothing is to be done yet").isEmpty();

    client.run(TASK);

    assertThat(client.task(TASK).waiting()).contains("paused by the user");
  }

  @Test
  void stoppingTakesThePauseAway() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    client.pause(TASK);
    client.stop(TASK);
    assertThat(client.task(TASK).paused()).isFalse();
    assertThat(client.task(TASK).waiting()).isEmpty();
    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.pause(TASK))
        .matches(refused -> refused.is(ErrorCode.TASK_STATE));

    client.run(TASK);

    assertThat(client.task(TASK).waiting()).contains("no agent is connected");
  }

  @Test
  void aPriorityComesWithTheConfigurationAndCanBeChanged() throws Exception {
    client.putFile(TASK, "//scene.blend", scene("a scene"), TransferProgress.NONE);
    client.configure(TASK, withPriority(40));
    assertThat(client.task(TASK).priority()).isEqualTo(40);
    client.configure(TASK, TaskConfig.of("scene.blend", 1));
    assertThat(client.task(TASK).priority()).isZero();
    client.run(TASK);

    client.prioritize(TASK, new TaskPriority(-7));

    assertThat(client.status(TASK).task().priority()).isEqualTo(-7);
    client.stop(TASK);
    client.prioritize(TASK, new TaskPriority(8));
    assertThat(client.task(TASK).priority()).isEqualTo(8);
    assertThatExceptionOfType(FarmException.Refused.class)
        .isThrownBy(() -> client.prioritize(new TaskName("none"), new TaskPriority(1)))
        .matches(refused -> refused.is(ErrorCode.TASK_NOT_FOUND));
  }

  @Test
  void prioritiesAndPausesOutliveTheManager() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    client.pause(TASK);
    client.prioritize(TASK, new TaskPriority(100));

    restart();

    assertThat(client.task(TASK).priority()).isEqualTo(100);
    assertThat(client.task(TASK).waiting()).contains("paused by the user");
    client.resume(TASK);
    assertThat(client.task(TASK).waiting()).contains("no agent is connected");
  }

  private static TaskConfig withPriority(int priority) throws IOException {
    return ParsedTaskConfig.parse(
            "{\"project\":\"scene.blend\",\"priority\":%d}".formatted(priority).getBytes(UTF_8))
        .config();
  }

  @Test
  void aManagerWithNothingToDoWantsToEndAndOneWithAnActiveTaskDoesNot() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    stopWhenIdle = Optional.of(Duration.ofSeconds(2));
    restart();
    var end = manager.endAsked().toCompletableFuture();

    await().during(Duration.ofSeconds(4)).until(() -> !end.isDone());
    client.stop(TASK);

    assertThat(end.get(30, TimeUnit.SECONDS))
        .isEqualTo("No task has been active for 2 s (stop-when-idle)");
  }

  @Test
  void messagesTellWhatBecameOfATask() throws Exception {
    submit(TASK, "a scene");
    client.run(TASK);
    client.stop(TASK);

    assertThat(client.messages(TASK).get("manager"))
        .containsExactly("STOPPED: stopped by the user");
  }
}
