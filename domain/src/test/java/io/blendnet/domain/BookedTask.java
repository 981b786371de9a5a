package io.blendnet.domain;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A task, by the witness's books. */
final class BookedTask {
  /** What a task needs next. */
  enum Phase {
    OPENING,
    RENDERING,
    ASSEMBLING,
    COMPOSING
  }

  final TaskName name;
  TaskState state = TaskState.STOPPED;
  Phase phase = Phase.OPENING;
  int agentsLimit;
  int priority;
  boolean isPaused;
  double done;
  long memoryTooSmall;
  Optional<FramePlan> plan = Optional.empty();
  Optional<FrameBooks> frame = Optional.empty();
  final Set<Cell> stored = new LinkedHashSet<>();

  /** Agents with live leases of it, and how many. */
  final Map<AgentName, Integer> busy = new LinkedHashMap<>();

  int opening;

  /** Whether agents were lost while they opened it, since one last had it open. */
  boolean isRisky;

  int composing;

  /** Agents that get no more of it, and whether that is since they do not fit. */
  final Map<AgentName, Boolean> setAside = new HashMap<>();

  final BookedDoubts doubts = new BookedDoubts();

  /** Processes that have opened its scene, with which Blender. */
  final Map<String, BlenderVersion> openedBy = new HashMap<>();

  BookedTask(TaskName name) {
    this.name = name;
  }

  boolean wantsAgents() {
    return state.isActive()
        && !isPaused
        && (phase == Phase.OPENING || (phase == Phase.RENDERING && openWork() > 0));
  }

  boolean wantsAComposer() {
    return state.isActive()
        && !isPaused
        && phase == Phase.COMPOSING
        && composing == 0
        && opening == 0;
  }

  long openWork() {
    return frame.map(FrameBooks::openWork).orElse(0L);
  }

  boolean hasRoomFor(AgentName agent) {
    return agentsLimit == 0 || busy.size() < agentsLimit || busy.containsKey(agent);
  }

  void begins(Lease lease, int sign) {
    busy.compute(
        lease.agent(),
        (_, count) -> {
          int leases = (count == null ? 0 : count) + sign;
          return leases == 0 ? null : leases;
        });
    switch (lease.work()) {
      case Lease.Open _ -> opening += sign;
      case Lease.Render _ -> {}
      case Lease.Compose _ -> composing += sign;
    }
  }

  /** Whether an agent has less memory than one that had too little. */
  boolean isTooLargeFor(BookedAgent agent) {
    return agent.memory() > 0 && agent.memory() < memoryTooSmall;
  }

  /** Whether it may be so for an agent that has hardly more. */
  boolean mayBeTooLargeFor(BookedAgent agent) {
    return agent.memory() > 0 && agent.memory() < memoryTooSmall * 1.1;
  }

  /** Whether there is no doubt that an agent may be given something of it. */
  boolean mayBeWorkOf(BookedAgent agent) {
    return agent.isUsable()
        && hasRoomFor(agent.name)
        && (!isRisky || opening == 0)
        && !setAside.containsKey(agent.name)
        && !mayBeTooLargeFor(agent)
        && !doubts.hasEverConcerned(agent.name);
  }
}
