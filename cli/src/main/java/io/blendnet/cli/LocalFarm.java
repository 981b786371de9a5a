package io.blendnet.cli;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.provider.AgentStartException;
import io.blendnet.provider.LocalAgents;
import io.blendnet.provider.LocalAgentsOptions;
import io.blendnet.provider.spi.StartedAgent;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A farm for the time of one command: a Manager in this process, agents as processes of their own
 * on this computer, all on loopback, with an authority made on the spot.
 */
final class LocalFarm implements Farm {
  private static final String ADDRESS = "127.0.0.1";
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private final ManagerServer server;
  private final LocalAgents agents;
  private final ManagerClient manager;

  private LocalFarm(ManagerServer server, LocalAgents agents, ManagerClient manager) {
    this.server = server;
    this.agents = agents;
    this.manager = manager;
  }

  /**
   * Starts it.
   *
   * @param folder private, for everything of this farm
   * @param guard closes what is started here, also when we are stopped on the way
   */
  static LocalFarm start(
      Path folder, int agentCount, BlenderInstallation blender, LogBuffer log, ExitGuard guard)
      throws CommandException, InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
      // Agents need a second or two, and so does the Manager.
      Future<LocalAgents> starting =
          threads.submit(() ->
              guard.keep(
                  LocalAgents.start(
                      agentOptions(folder, agentCount, blender.executable()), authority)));
      Credentials user = Credentials.generate("blendnet");
      ManagerServer server =
          guard.keep(
              ManagerServer.start(managerOptions(folder.resolve("manager"), authority, user), log));
      ManagerClient manager =
          guard.keep(
              new ManagerAccess(
                      new ServerAddress(ADDRESS, server.port()), user, authority.trusted())
                  .connect());
      LocalAgents agents = starting.get();
      introduce(agents.agents(), manager, authority.certificatePem());
      return new LocalFarm(server, agents, manager);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AgentStartException reason) {
        throw CommandException.environment(String.valueOf(reason.getMessage()));
      }
      throw new IllegalStateException("The agents do not start", e.getCause());
    } catch (IOException e) {
      throw CommandException.environment(
          "Cannot start a farm in %s: %s".formatted(folder, e.getMessage()));
    }
  }

  static LocalAgentsOptions agentOptions(Path folder, int count, Path blender) {
    return new LocalAgentsOptions(
        ThisProgram.command(),
        folder.resolve("agents"),
        count,
        Runtime.getRuntime().availableProcessors(),
        Optional.of(blender),
        START_DEADLINE);
  }

  private static ManagerOptions managerOptions(
      Path folder, FarmAuthority authority, Credentials user) throws IOException {
    ServerIdentity identity =
        ServerIdentity.openOrIssue(
            folder.resolve("certificate"), authority, "manager", List.of(ADDRESS, "localhost"));
    return new ManagerOptions(
        ADDRESS,
        0,
        identity,
        authority.trusted(),
        user,
        folder.resolve("data"),
        "manager",
        ProgramVersion.current(),
        Optional.empty());
  }

  /** Tells a Manager of agents. */
  static void introduce(List<StartedAgent> agents, ManagerClient manager, String authority)
      throws IOException, InterruptedException {
    for (StartedAgent agent : agents) {
      manager.putAgent(
          agent.name(),
          new AgentConfig(
              agent.address(),
              agent.port(),
              agent.credentials().user(),
              agent.credentials().password().reveal(),
              Optional.of(authority)));
    }
  }

  @Override
  public ManagerClient manager() {
    return manager;
  }

  @Override
  public List<String> agents() {
    return agents.agents().stream().map(agent -> agent.name().value()).toList();
  }

  @Override
  public Optional<String> failure() {
    return agents.failure();
  }

  @Override
  public String description() {
    return "a Manager of its own on port %d and %s"
        .formatted(server.port(), ProgressText.count(agents.agents().size(), "agent"));
  }

  @Override
  public void close() {
    // Each part is the guard's.
  }
}
