package io.blendnet.e2e;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.provider.LocalAgents;
import io.blendnet.provider.LocalAgentsOptions;
import io.blendnet.provider.ServerStartException;
import io.blendnet.provider.spi.StartedAgent;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.server.LogBuffer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A farm as it is: a Manager in this JVM behind its HTTPS door, and agents that are processes of
 * their own, each with one core and its own Blender.
 */
final class TestingFarm implements Closeable {
  private static final String ADDRESS = "127.0.0.1";

  private final Path folder;
  private final FarmAuthority authority;
  private final Credentials user = Credentials.generate("tester");
  private final LocalAgents agents;
  private ManagerServer server;
  private ManagerClient manager;

  private TestingFarm(Path folder, FarmAuthority authority, LocalAgents agents) throws IOException {
    this.folder = folder;
    this.authority = authority;
    this.agents = agents;
    this.server = startManager();
    this.manager = connect();
  }

  static TestingFarm start(Path folder, int count)
      throws IOException, ServerStartException, InterruptedException {
    return start(folder, count, List.of());
  }

  /**
   * @param settings of all agents
   */
  static TestingFarm start(Path folder, int count, List<String> settings)
      throws IOException, ServerStartException, InterruptedException {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    LocalAgentsOptions options =
        new LocalAgentsOptions(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.blendnet.cli.Main"),
            folder.resolve("agents"),
            count,
            count,
            Optional.empty(),
            settings,
            Duration.ofMinutes(1));
    TestingFarm farm = new TestingFarm(folder, authority, LocalAgents.start(options, authority));
    for (StartedAgent agent : farm.agents.agents()) {
      farm.manager.putAgent(agent.name(), farm.config(agent));
    }
    return farm;
  }

  /** Ends the Manager in order and starts it again on the same folder; agents live on. */
  void restartManager() throws IOException {
    manager.close();
    server.close();
    server = startManager();
    manager = connect();
  }

  ManagerClient manager() {
    return manager;
  }

  AgentName agent(int number) {
    return agents.agents().get(number).name();
  }

  /** The process of an agent. */
  ProcessHandle process(int number) {
    return ProcessHandle.of(agents.processIds().get(number)).orElseThrow();
  }

  FarmTask run(String task, String scene, int frame, Strategy strategy)
      throws IOException, InterruptedException {
    FarmTask prepared = prepare(task, scene, frame, strategy);
    prepared.run();
    return prepared;
  }

  /** Uploads a scene and configures a frame of it. */
  FarmTask prepare(String task, String scene, int frame, Strategy strategy)
      throws IOException, InterruptedException {
    return prepare(task, scene, frame, strategy, false);
  }

  /** The same, whose scripts may run or not. */
  FarmTask prepare(String task, String scene, int frame, Strategy strategy, boolean trustScripts)
      throws IOException, InterruptedException {
    TaskName name = new TaskName(task);
    String blend = scene + ".blend";
    manager.putFile(name, "//" + blend, TestingScenes.scene(scene), TransferProgress.NONE);
    TaskConfig scenesOwn = TaskConfig.of(blend, frame);
    manager.configure(
        name,
        new TaskConfig(
            scenesOwn.project(),
            scenesOwn.projectPath(),
            scenesOwn.cwdPath(),
            scenesOwn.samples(),
            scenesOwn.seed(),
            scenesOwn.frame(),
            scenesOwn.agentsNum(),
            scenesOwn.useCompositingNodes(),
            scenesOwn.composeFilepath(),
            Optional.of(strategy),
            Optional.of(trustScripts),
            scenesOwn.priority()));
    return new FarmTask(this::manager, name);
  }

  private ManagerServer startManager() throws IOException {
    return ManagerServer.start(
        ManagerOptions.standard(
            ADDRESS,
            authority.issue("manager", List.of(ADDRESS)),
            authority.trusted(),
            user,
            folder.resolve("manager"),
            "test"),
        new LogBuffer());
  }

  private ManagerClient connect() {
    return new ManagerClient(
        ClientOptions.of(
            new ServerAddress(ADDRESS, server.port()),
            authority.trusted().clientContext(),
            user.user(),
            () -> user.password().reveal()));
  }

  private AgentConfig config(StartedAgent agent) {
    return new AgentConfig(
        agent.address(),
        agent.port(),
        agent.credentials().user(),
        agent.credentials().password().reveal(),
        Optional.of(authority.certificatePem()),
        Optional.empty());
  }

  /** Lines of an agent's own log. */
  List<String> log(int agent) throws FarmException, InterruptedException {
    return List.copyOf(manager.agentLog(agent(agent)).values());
  }

  @Override
  public void close() {
    manager.close();
    server.close();
    agents.close();
  }
}
