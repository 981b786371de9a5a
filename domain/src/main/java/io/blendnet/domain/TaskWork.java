package io.blendnet.domain;

import java.util.HashMap;
import java.util.HashSet;
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
    COMPOSING
  }

  final TaskSpec spec;
  TaskState state = TaskState.PENDING;
  Phase phase = Phase.OPENING;
  Optional<FramePlan> plan = Optional.empty();
  Optional<Ledger> ledger = Optional.empty();
  int cellsStored;
  int latestCellSamples;
  int composeAttempts;
  String latestFailure = "";

  /** Agents that have this task's scene open or are opening it. */
  final Set<AgentName> opened = new HashSet<>();

  /** Agents with live leases of this task. */
  final Map<AgentName, Integer> liveLeases = new HashMap<>();

  /** Failures of agents at this task, in a row. */
  final Map<AgentName, Integer> failures = new HashMap<>();

  /** Agents that get no more of this task, with the reason. */
  final Map<AgentName, String> setAside = new HashMap<>();

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

  void leaseBegins(AgentName agent) {
    liveLeases.merge(agent, 1, Integer::sum);
  }

  void leaseEnds(AgentName agent) {
    liveLeases.computeIfPresent(agent, (_, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
  }
}
