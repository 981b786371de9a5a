package io.blendnet.cli;

import io.blendnet.agent.ScenePolicy;
import io.blendnet.blender.BlenderInstallation;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.provider.LocalAgents;
import io.blendnet.provider.LocalAgentsOptions;
import io.blendnet.provider.ServerStartException;
import io.blendnet.provider.spi.StartedAgent;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A farm for the time of one command: a Manager, and agents as processes of their own, all on this
 * computer and on loopback, with an authority made on the spot.
 */
final class LocalFarm implements Farm {
  private final LocalAgents agents;
  private final StartedManager server;
  private final ManagerClient manager;
  private final String description;

  private LocalFarm(
      LocalAgents agents, StartedManager server, ManagerClient manager, String description) {
    this.agents = agents;
    this.server = server;
    this.manager = manager;
    this.description = description;
  }

  /**
   * Starts it.
   *
   * @param folder private, for everything of this farm
   * @param scenes what scenes may do with its agents
   * @param guard closes what is started here, also when we are stopped on the way
   */
  static LocalFarm start(
      Path folder,
      ManagerHome home,
      int agentCount,
      BlenderInstallation blender,
      ScenePolicy scenes,
      LogBuffer log,
      ExitGuard guard)
      throws CommandException, InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
      LocalAgentsOptions options = agentOptions(folder, agentCount, blender.executable(), scenes);
      // Agents and Manager take a second or more each; they start side by side.
      Future<LocalAgents> starting =
          threads.submit(() -> guard.keep(LocalAgents.start(options, authority)));
      Credentials user = Credentials.generate("blendnet");
      StartedManager server = home.start(folder, authority, user, log, guard);
      ManagerClient manager =
          guard.keep(new ManagerAccess(server.address(), user, authority.trusted()).connect());
      LocalAgents agents = started(starting);
      introduce(agents.agents(), manager, authority.certificatePem());
      return new LocalFarm(
          agents,
          server,
          manager,
          "%s and %s"
              .formatted(
                  home.description(server.address()), ProgressText.count(agentCount, "agent")));
    } catch (ServerStartException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CommandException.environment(
          "Cannot start a farm in %s: %s".formatted(folder, e.getMessage()));
    }
  }

  private static LocalAgents started(Future<LocalAgents> starting)
      throws ServerStartException, InterruptedException {
    try {
      return starting.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ServerStartException reason -> throw reason;
        case null, default -> throw new IllegalStateException("The agents do not start", e);
      }
    }
  }

  static LocalAgentsOptions agentOptions(Path folder, int count, Path blender, ScenePolicy scenes) {
    return new LocalAgentsOptions(
        ThisProgram.command(),
        folder.resolve("agents"),
        count,
        Runtime.getRuntime().availableProcessors(),
        Optional.of(blender),
        SceneSettings.lines(scenes),
        ManagerHome.START_DEADLINE);
  }

  /**
   * Tells a Manager of agents. Those of the same names that it knows from before it was started, at
   * other ports, are no more.
   */
  static void introduce(List<StartedAgent> agents, ManagerClient manager, String authority)
      throws IOException, InterruptedException {
    Set<String> known = manager.resources().agents().keySet();
    for (StartedAgent agent : agents) {
      if (known.contains(agent.name().value())) {
        manager.removeAgent(agent.name());
      }
      manager.putAgent(
          agent.name(),
          new AgentConfig(
              agent.address(),
              agent.port(),
              agent.credentials().user(),
              agent.credentials().password().reveal(),
              Optional.of(authority),
              Optional.empty()));
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
  public Optional<String> failure() throws InterruptedException {
    Optional<String> ended = agents.failure().or(server.failure());
    if (ended.isPresent()) {
      return ended;
    }
    try {
      // Somebody else's Manager waits for room on its disk; nobody would make any in ours.
      return manager.status().trouble();
    } catch (FarmException e) {
      return Optional.empty(); // met by the next call that is of use
    }
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void close() {
    // Each part is the guard's.
  }
}
