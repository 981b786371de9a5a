package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.e2e.CommandRoom.Ended;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL to the Manager at random moments, while files, configurations and tasks are given to it
 * and cells are delivered: what it has answered, it still knows when it is started again.
 */
class ManagerKillTest {
  private static final int KILLS = 10;
  private static final long SEED = 4711;
  private static final int SAMPLES = 16;

  /** Sample ranges are merged. */
  private static final float ROUNDING = 1e-5F;

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path folder;

  /** What the Manager has answered about a task, in the order in which it is asked. */
  private static final class Acknowledged {
    private final TaskName task;
    private final Map<String, String> files = new HashMap<>();
    private boolean configured;
    private boolean running;
    private boolean completed;
    private final FarmTask deliveries;

    Acknowledged(TaskName task, FarmTask deliveries) {
      this.task = task;
      this.deliveries = deliveries;
    }
  }

  private final Random random = new Random(SEED);
  private final List<Acknowledged> tasks = new ArrayList<>();
  private CommandRoom room;
  private RunningServer server;
  private RunningServer agent;
  private ManagerClient manager;

  @BeforeEach
  void start() throws IOException {
    room = CommandRoom.in(folder);
    server = startServer();
    agent = RunningServer.start(room, "agent", folder.resolve("agent"));
    manager = connect();
  }

  /** Nothing goes on where the test has failed. */
  @AfterEach
  void end() {
    manager.close();
    agent.process().process().destroyForcibly();
    server.process().process().destroyForcibly();
  }

  @Test
  void whatWasAnsweredIsThereAfterwards() throws Exception {
    server.employ("one", agent);

    for (int kill = 1; kill <= KILLS; kill++) {
      workUntil(Instant.now().plusMillis(300 + random.nextInt(2_500)));
      manager.close();
      server = startServer();
      manager = connect();
      assertAllIsThere("after kill " + kill);
    }
    finish();

    assertThat(tasks).as("tasks that were run").hasSizeGreaterThan(2);
    for (Acknowledged known : tasks) {
      known.deliveries.awaitCompleted();
      known.deliveries.assertEveryCellOnce(TestingScenes.WIDTH, TestingScenes.HEIGHT, SAMPLES);
      Path frame = folder.resolve(known.task + ".exr");
      manager.download(known.task, ResultKind.RENDER, frame, TransferProgress.NONE);
      FrameFile.of(frame)
          .assertWithin(ROUNDING, FrameFile.of(TestingScenes.passes("animation", 1)));
    }
    manager.close();
    agent.end().assertExitCode(0);
    Ended ended = server.end().assertExitCode(0);
    assertThat(ended.errors()).doesNotContain("\tat ");
    assertThat(server.folder().resolve("data/data/incoming")).isEmptyDirectory();
    assertThat(server.folder().resolve("data/data/frames")).isEmptyDirectory();
    room.assertNoProcessLeft();
  }

  private RunningServer startServer() throws IOException {
    Path home = folder.resolve("manager");
    Files.deleteIfExists(home.resolve("port"));
    return RunningServer.start(room, "manager", home);
  }

  private ManagerClient connect() throws IOException {
    RunningServer now = server;
    return new ManagerClient(
        ClientOptions.of(
                new ServerAddress("127.0.0.1", now.port()),
                TrustedAuthority.load(now.authority()).clientContext(),
                "tester",
                now::password)
            .withAttempts(1));
  }

  /** Gives the Manager work, step by step, until it is killed at a moment of another thread's. */
  private void workUntil(Instant moment) throws Exception {
    RunningServer victim = server;
    Thread killer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Thread.sleep(Duration.between(Instant.now(), moment));
                victim.process().process().destroyForcibly().waitFor();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try {
      while (victim.process().process().isAlive()) {
        takeStep();
      }
    } catch (FarmException.NotReachable | FarmException.BrokenAnswer e) {
      // Not answered: it may be there afterwards or not.
    }
    killer.join();
  }

  /** One request, whatever is due; what is answered is written down. */
  private void takeStep() throws Exception {
    for (Acknowledged known : tasks) {
      if (known.running && !known.completed) {
        known.completed = known.deliveries.look().task().state() == TaskState.COMPLETED;
      }
    }
    Optional<Acknowledged> open =
        tasks.stream().filter(known -> !known.running && known.files.size() > 0).findFirst();
    if (tasks.stream().filter(known -> !known.completed).count() >= 3 && open.isEmpty()) {
      return;
    }
    Acknowledged known = open.orElseGet(this::newTask);
    if (known.files.size() < 4) {
      upload(known);
    } else if (!known.configured) {
      configure(known);
    } else {
      run(known);
    }
  }

  private Acknowledged newTask() {
    // The last one may have got no answer to its first file yet.
    if (!tasks.isEmpty() && tasks.getLast().files.isEmpty()) {
      return tasks.getLast();
    }
    var name = new TaskName("task-" + tasks.size());
    var fresh = new Acknowledged(name, new FarmTask(() -> manager, name));
    tasks.add(fresh);
    return fresh;
  }

  private void upload(Acknowledged known) throws Exception {
    int number = known.files.size();
    Path file;
    String path;
    if (number == 0) {
      file = TestingScenes.scene("animation");
      path = "//animation.blend";
    } else {
      // Beside what is rendered: different each time, large enough to be killed in the middle.
      byte[] bytes = new byte[1 << (16 + random.nextInt(6))];
      random.nextBytes(bytes);
      file = Files.write(folder.resolve("upload"), bytes);
      path = "//textures/" + number + ".bin";
    }
    String sha1 = ApiCaller.sha1(Files.readAllBytes(file));
    manager.putFile(known.task, path, file, TransferProgress.NONE);
    known.files.put(path, sha1);
  }

  private void configure(Acknowledged known) throws Exception {
    manager.configure(known.task, TaskConfig.of("animation.blend", 1));
    known.configured = true;
  }

  private void run(Acknowledged known) throws Exception {
    try {
      manager.run(known.task);
    } catch (FarmException.Refused e) {
      // It was run before, and the answer was lost.
      assertThat(manager.task(known.task).state()).isNotEqualTo(TaskState.CREATED);
    }
    known.running = true;
  }

  private void assertAllIsThere(String when) throws Exception {
    for (Acknowledged known : tasks) {
      if (known.files.isEmpty()) {
        continue;
      }
      assertThat(manager.files(known.task).values())
          .as("files of %s %s", known.task, when)
          .containsAll(known.files.values());
      if (known.configured) {
        assertThat(manager.task(known.task).frame()).as("%s %s", known.task, when).contains(1);
      }
      if (known.running) {
        assertThat(manager.task(known.task).state())
            .as("%s %s", known.task, when)
            .isIn(TaskState.PENDING, TaskState.RUNNING, TaskState.COMPLETED);
      }
      if (known.completed) {
        assertThat(manager.task(known.task).state()).isEqualTo(TaskState.COMPLETED);
        assertThat(manager.status(known.task).result().compose()).isPresent();
      }
      assertDeliveriesAreThere(known, when);
    }
  }

  /** What was stored is stored, and from the same lease. */
  private void assertDeliveriesAreThere(Acknowledged known, String when) throws Exception {
    FarmTask now = new FarmTask(() -> manager, known.task);
    var _ = now.look();
    assertThat(now.deliveries())
        .as("deliveries of %s %s", known.task, when)
        .containsAll(known.deliveries.deliveries());
  }

  /** Lets all tasks be rendered that have their first file. */
  private void finish() throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (tasks.stream().anyMatch(known -> !known.running) && Instant.now().isBefore(end)) {
      takeStep();
    }
  }
}
