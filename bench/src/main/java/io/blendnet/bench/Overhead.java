package io.blendnet.bench;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.provider.LocalAgents;
import io.blendnet.provider.LocalAgentsOptions;
import io.blendnet.provider.spi.StartedAgent;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a frame costs beside its samples: from {@code run} to the first sample, and from the last
 * cell to the final file, seen from outside as a submitter sees it.
 */
final class Overhead {
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final String ADDRESS = "127.0.0.1";

  private Overhead() {}

  private record Times(Duration firstSample, Duration afterLastCell, Duration all) {}

  public static void main(String[] arguments) throws Exception {
    Map<String, Integer> flags =
        Commands.flags(arguments, Set.of("--width", "--height", "--samples"));
    Path folder = Files.createTempDirectory("blendnet-bench-overhead-");
    try {
      measure(folder, BenchScene.make(folder, flags));
    } finally {
      Commands.delete(folder);
    }
  }

  private static void measure(Path folder, BenchScene scene) throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    System.out.printf("%s, %d cores%n", scene.description(), cores);
    FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    Credentials user = Credentials.generate("bench");
    LocalAgentsOptions agentOptions =
        new LocalAgentsOptions(
            program(),
            folder.resolve("agents"),
            1,
            cores,
            Optional.empty(),
            List.of(),
            Duration.ofMinutes(1));
    try (LocalAgents agents = LocalAgents.start(agentOptions, authority);
        ManagerServer server = manager(folder, authority, user);
        ManagerClient manager = client(server.port(), authority, user)) {
      for (StartedAgent agent : agents.agents()) {
        manager.putAgent(agent.name(), config(agent, authority));
      }
      Times cold = render(manager, scene, "cold", folder);
      Times warm = render(manager, scene, "warm", folder);
      print("run to first sample, cold session", cold.firstSample, 3);
      print("run to first sample, warm session", warm.firstSample, 1);
      print("last cell to final file, cold session", cold.afterLastCell, 4);
      print("last cell to final file, warm session", warm.afterLastCell, 4);
      System.out.printf(
          "of the whole frame                      %6.2f s cold, %6.2f s warm%n",
          Commands.seconds(cold.all), Commands.seconds(warm.all));
    }
  }

  private static List<String> program() {
    return List.of(
        Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-jar",
        System.getProperty("blendnet.jar", ""));
  }

  private static ManagerServer manager(Path folder, FarmAuthority authority, Credentials user)
      throws IOException {
    return ManagerServer.start(
        ManagerOptions.standard(
            ADDRESS,
            authority.issue("manager", List.of(ADDRESS)),
            authority.trusted(),
            user,
            folder.resolve("manager"),
            "bench"),
        new LogBuffer());
  }

  private static ManagerClient client(int port, FarmAuthority authority, Credentials user) {
    return new ManagerClient(
        ClientOptions.of(
            new ServerAddress(ADDRESS, port),
            authority.trusted().clientContext(),
            user.user(),
            () -> user.password().reveal()));
  }

  private static AgentConfig config(StartedAgent agent, FarmAuthority authority) {
    return new AgentConfig(
        agent.address(),
        agent.port(),
        agent.credentials().user(),
        agent.credentials().password().reveal(),
        Optional.of(authority.certificatePem()),
        Optional.empty());
  }

  private static Times render(ManagerClient manager, BenchScene scene, String name, Path folder)
      throws IOException, InterruptedException {
    TaskName task = new TaskName(name);
    manager.putFile(task, "//still.blend", scene.file(), TransferProgress.NONE);
    manager.configure(task, TaskConfig.of("still.blend", 1));
    Instant run = Instant.now();
    manager.run(task);
    Optional<Instant> firstSample = Optional.empty();
    Optional<Instant> lastCell = Optional.empty();
    while (true) {
      TaskStatus status = manager.status(task);
      Instant now = Instant.now();
      if (firstSample.isEmpty() && samples(status)) {
        firstSample = Optional.of(now);
      }
      if (lastCell.isEmpty() && status.task().done() >= 1) {
        lastCell = Optional.of(now);
      }
      TaskState state = status.task().state();
      if (state == TaskState.COMPLETED) {
        manager.download(
            task, ResultKind.COMPOSE, folder.resolve(name + ".png"), TransferProgress.NONE);
        Instant end = Instant.now();
        return new Times(
            Duration.between(run, firstSample.orElse(end)),
            Duration.between(lastCell.orElse(end), end),
            Duration.between(run, end));
      }
      if (!state.isActive()) {
        throw new IOException(
            "The frame was not rendered: " + status.task().stateErrorInfo().orElse("" + state));
      }
      Thread.sleep(LOOK);
    }
  }

  /** The first sample is being rendered, or a cell of it is there already. */
  private static boolean samples(TaskStatus status) {
    return status.progress().cellsStored() > 0
        || status.progress().agents().stream()
            .anyMatch(agent ->
                agent.activity().startsWith("Sample ")
                    || agent.activity().startsWith("Rendering "));
  }

  private static void print(String what, Duration time, int aim) {
    System.out.printf("%-38s  %6.2f s   (aim: %d s)%n", what, Commands.seconds(time), aim);
  }
}
