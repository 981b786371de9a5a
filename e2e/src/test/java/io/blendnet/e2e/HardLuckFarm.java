package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.bench.AgentBlenders;
import io.blendnet.bench.FaultyLine;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ResourceInfo;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Manager and an agent that nothing ever happens to, as processes of their own; beside it agents
 * work that have bad luck. Every agent renders with one core.
 */
final class HardLuckFarm implements AutoCloseable {
  /** The agent that has no bad luck. */
  static final String STEADY = "steady";

  private static final String ADDRESS = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path folder;
  private final CommandRoom room;
  private final RunningServer server;
  private final ManagerClient manager;
  private final List<Unlucky> employed = new ArrayList<>();

  private HardLuckFarm(Path folder, CommandRoom room, RunningServer server) throws IOException {
    this.folder = folder;
    this.room = room;
    this.server = server;
    this.manager =
        new ManagerClient(
            ClientOptions.of(
                new ServerAddress(ADDRESS, server.port()),
                TrustedAuthority.load(server.authority()).clientContext(),
                "tester",
                server::password));
  }

  static HardLuckFarm start(Path folder) throws IOException, InterruptedException {
    CommandRoom room = CommandRoom.in(folder);
    var farm =
        new HardLuckFarm(
            folder, room, RunningServer.start(room, "manager", folder.resolve("manager")));
    var _ = farm.employ(STEADY);
    return farm;
  }

  ManagerClient manager() {
    return manager;
  }

  Unlucky steady() {
    return employed.getFirst();
  }

  /** An agent that may have bad luck, and the line by which the Manager reaches it. */
  record Unlucky(String name, RunningServer server, FaultyLine line) {
    ProcessHandle process() {
      return server.process().process().toHandle();
    }

    /** Its Blenders. */
    List<ProcessHandle> blenders() {
      return AgentBlenders.of(process());
    }

    /** SIGSTOP to its own process; its Blender goes on by itself. */
    void suspend() throws IOException, InterruptedException {
      signal("STOP", List.of(process()));
    }

    void resume() throws IOException, InterruptedException {
      signal("CONT", List.of(process()));
    }

    static void signal(String name, List<ProcessHandle> processes)
        throws IOException, InterruptedException {
      var command = new ArrayList<>(List.of("kill", "-s", name, "--"));
      processes.forEach(process -> command.add(Long.toString(process.pid())));
      assertThat(new ProcessBuilder(command).start().waitFor()).as(command.toString()).isZero();
    }
  }

  /** Starts an agent; further lines for its configuration may be given. */
  Unlucky employ(String name, String... settings) throws IOException, InterruptedException {
    return employIn(room, folder.resolve(name), name, settings);
  }

  /** Starts an agent in another room or folder. */
  Unlucky employIn(CommandRoom place, Path home, String name, String... settings)
      throws IOException, InterruptedException {
    String[] all =
        Stream.concat(Stream.of("cores = 1"), Stream.of(settings)).toArray(String[]::new);
    RunningServer agent = RunningServer.start(place, "agent", home, all);
    var unlucky = new Unlucky(name, agent, FaultyLine.to(agent.port()));
    employed.add(unlucky);
    introduce(name, unlucky.line().port(), Files.readString(agent.authority()), agent.password());
    awaitActive(name);
    return unlucky;
  }

  /** Lets the Manager have an agent that somebody else started. */
  void introduce(String name, int port, String authority, String password)
      throws IOException, InterruptedException {
    manager.putAgent(
        new AgentName(name),
        new AgentConfig(
            ADDRESS, port, "tester", password, Optional.of(authority), Optional.empty()));
  }

  void awaitActive(String name) {
    await(name + " works").atMost(PATIENCE).until(() -> machine(name).active());
  }

  private ResourceInfo.AgentMachine machine(String name) throws IOException, InterruptedException {
    ResourceInfo.AgentMachine machine = manager.resources().agents().get(name);
    if (machine == null) {
      throw new AssertionError("The Manager knows no agent " + name);
    }
    return machine;
  }

  /** Takes an agent out of the farm; its process lives on. */
  void dismiss(String name) throws IOException, InterruptedException {
    manager.removeAgent(new AgentName(name));
  }

  /** Takes an agent out of the farm and ends it, however it may be. */
  void end(Unlucky unlucky) throws IOException, InterruptedException {
    dismiss(unlucky.name());
    employed.remove(unlucky);
    unlucky.line().close();
    kill(unlucky.server());
  }

  private static void kill(RunningServer server) throws IOException, InterruptedException {
    if (server.process().process().isAlive()) {
      server.process().kill();
    }
    var _ = server.process().awaitEnd();
  }

  /** Has a frame of one of the {@link TestingScenes} rendered. */
  FarmTask run(String task, String scene, Strategy strategy)
      throws IOException, InterruptedException {
    var name = new TaskName(task);
    String blend = scene + ".blend";
    manager.putFile(name, "//" + blend, TestingScenes.scene(scene), TransferProgress.NONE);
    Optional<Integer> none = Optional.empty();
    manager.configure(
        name,
        new TaskConfig(
            Optional.of(blend),
            Optional.empty(),
            Optional.empty(),
            none,
            none,
            Optional.of(1),
            none,
            Optional.empty(),
            Optional.empty(),
            Optional.of(strategy),
            Optional.empty(),
            none));
    var run = new FarmTask(() -> manager, name);
    run.run();
    return run;
  }

  /** Waits until all of these render at the same time. */
  static void awaitRendering(FarmTask task, String... agents) {
    task.await(
        List.of(agents) + " render",
        status ->
            status.progress().agents().stream()
                .filter(share ->
                    share.activity().startsWith("Rendering ")
                        || share.activity().startsWith("Sample "))
                .map(TaskProgress.AgentShare::agent)
                .toList()
                .containsAll(List.of(agents)));
  }

  /**
   * Waits for the end: the frame has to be complete, with every cell once, and every bit of it as
   * one Blender renders it.
   */
  void assertExact(FarmTask task, String scene, int samples)
      throws IOException, InterruptedException {
    task.awaitCompleted();
    // What is kept in the end; cells that were stored and thrown away later do not count.
    FarmTask kept = new FarmTask(() -> manager, task.name());
    var _ = kept.look();
    kept.assertEveryCellOnce(TestingScenes.WIDTH, TestingScenes.HEIGHT, samples);
    Path file = folder.resolve(task.name() + ".exr");
    FrameFile.of(task.download(ResultKind.RENDER, file))
        .assertIdenticalTo(FrameFile.of(TestingScenes.passes(scene, 1)));
  }

  /** What the Manager says about an agent in a task's messages. */
  static List<String> saidOf(FarmTask task, String agent) throws IOException, InterruptedException {
    return task.messages("manager").stream().filter(line -> line.contains(agent)).toList();
  }

  /** Kills the agents, ends the Manager in order, and finds nothing of them left. */
  @Override
  public void close() throws IOException {
    manager.close();
    for (Unlucky unlucky : employed) {
      unlucky.line().close();
      unlucky.process().destroyForcibly();
    }
    try {
      server.end().assertExitCode(0);
    } catch (InterruptedException e) {
      server.process().process().destroyForcibly();
      Thread.currentThread().interrupt();
    }
    room.assertNoProcessLeft();
  }
}
