package io.blendnet.provider;

import io.blendnet.domain.AgentName;
import io.blendnet.provider.spi.StartedAgent;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.PrivateFiles;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Agents as processes of this same program on this computer, each with its own private folder,
 * certificate, password and share of the cores. They listen on loopback alone. They end with {@link
 * #close()}, and also when this process ends without it, killed or not: each sees its standard
 * input close. Thread-safe.
 */
public final class LocalAgents implements Closeable {
  /** How long agents have to end in order before they are killed. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<ServerProcess> processes;
  private final List<StartedAgent> agents;

  private LocalAgents(List<ServerProcess> processes, List<StartedAgent> agents) {
    this.processes = List.copyOf(processes);
    this.agents = List.copyOf(agents);
  }

  /**
   * Starts agents and waits until all of them listen.
   *
   * @param authority issues their certificates
   * @throws ServerStartException when one of them does not; none is left running then
   */
  public static LocalAgents start(LocalAgentsOptions options, FarmAuthority authority)
      throws ServerStartException {
    var processes = new ArrayList<ServerProcess>();
    boolean allListen = false;
    try {
      PrivateFiles.createFolder(options.folder());
      List<Credentials> credentials = new ArrayList<>();
      for (int number = 1; number <= options.count(); number++) {
        credentials.add(Credentials.generate("manager"));
        processes.add(start(name(number), options, authority, credentials.getLast()));
      }
      long deadline = System.nanoTime() + options.deadline().toNanos();
      var agents = new ArrayList<StartedAgent>();
      for (int index = 0; index < processes.size(); index++) {
        agents.add(
            new StartedAgent(
                name(index + 1),
                ServerProcess.ADDRESS,
                processes.get(index).awaitPort(deadline),
                credentials.get(index),
                options.coresEach()));
      }
      allListen = true;
      return new LocalAgents(processes, agents);
    } catch (IOException e) {
      throw new ServerStartException(
          "Cannot start agents in " + options.folder() + ": " + e.getMessage(), e);
    } finally {
      if (!allListen) {
        ServerProcess.end(processes, PATIENCE.toNanos());
      }
    }
  }

  private static AgentName name(int number) {
    return new AgentName("agent-" + number);
  }

  private static ServerProcess start(
      AgentName name, LocalAgentsOptions options, FarmAuthority authority, Credentials credentials)
      throws IOException {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "instance-name = " + name.value(),
                "cores = " + options.coresEach(),
                // They end with us; a Manager that is stopped for a while is no reason.
                "unavailable-timeout = 0"));
    options.blender().ifPresent(blender -> settings.add("blender = " + blender.toAbsolutePath()));
    settings.addAll(options.settings());
    return ServerProcess.start(
        options.program(),
        "agent",
        name.value(),
        options.folder(),
        authority,
        credentials,
        settings);
  }

  /** By name, in the order of their numbers. */
  public List<StartedAgent> agents() {
    return agents;
  }

  /** Process ids, in the order of {@link #agents()}. */
  public List<Long> processIds() {
    return processes.stream().map(ServerProcess::id).toList();
  }

  /**
   * Why no work can be done any more: all agents have ended by themselves. Empty while one lives.
   */
  public Optional<String> failure() {
    List<String> ends = processes.stream().flatMap(process -> process.ended().stream()).toList();
    return ends.size() < processes.size()
        ? Optional.empty()
        : Optional.of("No agent is left. " + String.join("\n", ends));
  }

  /** Ends all agents and what they started; returns when they are gone. */
  @Override
  public void close() {
    close(PATIENCE);
  }

  void close(Duration patience) {
    ServerProcess.end(processes, patience.toNanos());
  }
}
