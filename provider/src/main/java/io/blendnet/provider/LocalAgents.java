package io.blendnet.provider;

import io.blendnet.domain.AgentName;
import io.blendnet.provider.spi.StartedAgent;
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

  private final List<AgentProcess> processes;
  private final List<StartedAgent> agents;

  private LocalAgents(List<AgentProcess> processes, List<StartedAgent> agents) {
    this.processes = List.copyOf(processes);
    this.agents = List.copyOf(agents);
  }

  /**
   * Starts agents and waits until all of them listen.
   *
   * @param authority issues their certificates
   * @throws AgentStartException when one of them does not; none is left running then
   */
  public static LocalAgents start(LocalAgentsOptions options, FarmAuthority authority)
      throws AgentStartException {
    var processes = new ArrayList<AgentProcess>();
    boolean allListen = false;
    try {
      PrivateFiles.createFolder(options.folder());
      for (int number = 1; number <= options.count(); number++) {
        processes.add(AgentProcess.start(new AgentName("agent-" + number), options, authority));
      }
      long deadline = System.nanoTime() + options.deadline().toNanos();
      var agents = new ArrayList<StartedAgent>();
      for (AgentProcess process : processes) {
        agents.add(process.awaitListening(deadline));
      }
      allListen = true;
      return new LocalAgents(processes, agents);
    } catch (IOException e) {
      throw new AgentStartException(
          "Cannot start agents in " + options.folder() + ": " + e.getMessage(), e);
    } finally {
      if (!allListen) {
        end(processes, PATIENCE);
      }
    }
  }

  /** By name, in the order of their numbers. */
  public List<StartedAgent> agents() {
    return agents;
  }

  /** Process ids, in the order of {@link #agents()}. */
  public List<Long> processIds() {
    return processes.stream().map(AgentProcess::id).toList();
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
    end(processes, patience);
  }

  private static void end(List<AgentProcess> processes, Duration patience) {
    // Looked up before the first goes: children of a process that is gone cannot be found any more.
    List<ProcessHandle> all = processes.stream().flatMap(AgentProcess::tree).toList();
    processes.forEach(AgentProcess::askToEnd);
    long deadline = System.nanoTime() + patience.toNanos();
    processes.forEach(process -> process.end(deadline));
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
