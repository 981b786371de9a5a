package io.blendnet.domain;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The scheduler's knowledge of one active task. */
final class TaskWork {
  /** What an active task needs next. */
  enum Phase {
    /** No agent has told the scene's facts. */
    OPENING,
    /** Cells are open or leased. */
    RENDERING,
    /** All cells are stored; the Manager assembles the frame. */
    ASSEMBLING,
    /** The frame is assembled; an agent is to make the picture. */
    COMPOSING;

    /** Whether the task stands still when no agent has a lease of it, and is pending then. */
    boolean needsAgents() {
      return this == OPENING || this == RENDERING;
    }
  }

  /**
   * Why an agent gets no more of a task.
   *
   * @param failed whether it tried and failed; else it does not fit to what is there
   */
  record SetAside(String reason, boolean failed) {}

  final TaskSpec spec;
  TaskState state = TaskState.PENDING;
  Phase phase = Phase.OPENING;
  Optional<FramePlan> plan = Optional.empty();
  Optional<Ledger> ledger = Optional.empty();
  int leasedCells;
  int latestCellSamples;
  int composeAttempts;
  int composeFailures;
  boolean composeIsLeased;
  String latestFailure = "";

  /** Agents that are opening this task's scene. */
  final Set<AgentName> opening = new HashSet<>();

  /** Agents that have opened this task's scene. */
  final Set<AgentName> opened = new HashSet<>();

  /** Agents with live leases of this task. */
  final Map<AgentName, Integer> liveLeases = new LinkedHashMap<>();

  /** Failures of agents at this task, in a row. */
  final Map<AgentName, Integer> failures = new HashMap<>();

  /** Agents for which the scene itself failed. */
  final Set<AgentName> sceneFailures = new HashSet<>();

  /** How often cells of an agent proved bad. */
  final Map<AgentName, Integer> provedBad = new HashMap<>();

  /** Connected agents that get no more of this task. */
  final Map<AgentName, SetAside> setAside = new LinkedHashMap<>();

  /** Stored cells, with the agent where this run's work stored it. */
  final Map<Cell, Optional<AgentName>> stored = new HashMap<>();

  /** Pixel samples that came from each agent. */
  final Map<AgentName, Long> storedWork = new HashMap<>();

  final Map<AgentName, Integer> storedCells = new HashMap<>();

  TaskWork(TaskSpec spec) {
    this.spec = spec;
  }

  boolean hasOpenCells() {
    return phase == Phase.RENDERING && ledger.orElseThrow().openWork() > 0;
  }

  double done() {
    return ledger.map(known -> (double) known.storedWork() / known.work()).orElse(0.0);
  }

  /** Whether nothing would be lost if the frame were cut anew for this agent. */
  boolean isUntouchedBut(AgentName agent) {
    return phase == Phase.RENDERING
        && ledger.orElseThrow().openWork() == ledger.orElseThrow().work()
        && opened.stream().allMatch(agent::equals);
  }

  /** Whether none of the agents gets more of this task. */
  boolean isLeftBy(Set<AgentName> agents) {
    return setAside.keySet().containsAll(agents);
  }

  void store(Cell cell, AgentName agent) {
    ledger.orElseThrow().store(cell);
    stored.put(cell, Optional.of(agent));
    storedWork.merge(agent, cell.work(), Long::sum);
    storedCells.merge(agent, 1, Integer::sum);
    failures.remove(agent);
  }

  void restore(Cell cell) {
    if (ledger.orElseThrow().restore(cell)) {
      stored.put(cell, Optional.empty());
    }
  }

  /**
   * Makes a stored cell void.
   *
   * @return the agent that rendered it, where it is known
   */
  Optional<AgentName> discard(Cell cell) {
    Optional<AgentName> agent = stored.getOrDefault(cell, Optional.empty());
    stored.remove(cell);
    ledger.orElseThrow().discard(cell);
    agent.ifPresent(name -> {
      storedWork.merge(name, -cell.work(), Long::sum);
      storedCells.merge(name, -1, Integer::sum);
    });
    return agent;
  }

  void leaseBegins(Lease lease) {
    liveLeases.merge(lease.agent(), 1, Integer::sum);
    switch (lease.work()) {
      case Lease.Open _ -> opening.add(lease.agent());
      case Lease.Render render -> leasedCells += render.cells().size();
      case Lease.Compose _ -> composeIsLeased = true;
    }
  }

  /** A lease is over: cells of it that have not come are open again. */
  void leaseEnds(AgentWork.LiveLease live) {
    AgentName agent = live.lease.agent();
    liveLeases.computeIfPresent(agent, (_, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
    for (Cell cell : live.waiting.values()) {
      ledger.orElseThrow().release(cell);
    }
    leasedCells -= live.waiting.size();
    live.waiting.clear();
    switch (live.lease.work()) {
      case Lease.Open _ -> opening.remove(agent);
      case Lease.Render _ -> {}
      case Lease.Compose _ -> composeIsLeased = false;
    }
  }

  /** An agent is gone, and with it what was known of it; its stored cells count on. */
  void agentLeaves(AgentName agent) {
    opened.remove(agent);
    failures.remove(agent);
    setAside.remove(agent);
  }
}
