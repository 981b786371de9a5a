package io.blendnet.domain;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
      return this != ASSEMBLING;
    }
  }

  /**
   * Why an agent gets no more of a task.
   *
   * @param failed whether it tried and failed; else it does not fit to what is there
   */
  record SetAside(String reason, boolean failed) {}

  /** So many agents with about as much memory are proof that it is too little. */
  private static final int MOST_AGENTS_OF_A_SIZE = 3;

  private static final Duration LOST_TOGETHER = Duration.ofSeconds(10);

  /**
   * So often in a row the rendering of one cell may end with its agent or its Blender before the
   * scene is to blame.
   */
  static final int MOST_LOSSES = 6;

  static final Comparator<TaskWork> OLDEST_FIRST =
      Comparator.comparing((TaskWork task) -> task.spec.created())
          .thenComparing(task -> task.spec.name());

  final TaskSpec spec;
  int priority;
  boolean paused;
  TaskState state = TaskState.PENDING;
  Phase phase = Phase.OPENING;
  Optional<FramePlan> plan = Optional.empty();
  Optional<Ledger> ledger = Optional.empty();
  int leasedCells;
  int latestCellSamples;
  int composeAttempts;

  /** How often composing failed, or its agent was lost at it. */
  int composeLosses;

  int composeFailures;
  boolean composeIsLeased;
  String latestFailure = "";

  /** Agents in a row that were lost while they opened the scene. */
  int openingsLost;

  /** Up-time at which the loss of an agent last counted. */
  private Optional<Duration> latestAgentLost = Optional.empty();

  /** How often in a row the rendering of one cell ended without a result, and which one. */
  int lossesInARow;

  String mostLost = "";

  /** How often in a row that was by earlier plans, of which nothing came either. */
  private int lossesByEarlierPlans;

  /** Memory in bytes of the largest agent that had too little; 0: none had. */
  private long memoryTooLittle;

  /** How many agents of about that size had too little. */
  private int agentsTooSmall;

  /** Where it stands on the {@link TaskBoard}, where it does. */
  Optional<TaskBoard.Place> place = Optional.empty();

  /** Agents that are opening this task's scene. */
  final Set<AgentName> opening = new HashSet<>();

  /** Agents that have opened this task's scene. */
  final Set<AgentName> opened = new HashSet<>();

  /** Agents with live leases of this task, and how many. */
  final Map<AgentName, Integer> liveLeases = new LinkedHashMap<>();

  /** Pixel samples a second of agents with live leases of this task. */
  private final Map<AgentName, Double> speeds = new HashMap<>();

  /** The same of those that have rendered cells of its scene. */
  private final Map<AgentName, Double> measuredSpeeds = new HashMap<>();

  private double speed;
  private double measuredSpeed;

  /** Agents that have lapsed leases of this task. */
  final Set<AgentName> lapsedAt = new LinkedHashSet<>();

  /** Failures of agents at this task, in a row. */
  final Map<AgentName, Integer> failures = new HashMap<>();

  /** Agents for which the scene itself failed. */
  final Set<AgentName> sceneFailures = new HashSet<>();

  /** How often cells of an agent proved bad. */
  final Map<AgentName, Integer> provedBad = new HashMap<>();

  /** Agents that get no more of this task. */
  final Map<AgentName, SetAside> setAside = new LinkedHashMap<>();

  final Doubts doubts = new Doubts();

  /** Stored cells, with the agent where this run's work stored it. */
  final Map<Cell, Optional<AgentName>> stored = new HashMap<>();

  /** Pixel samples that came from each agent. */
  final Map<AgentName, Long> storedWork = new HashMap<>();

  final Map<AgentName, Integer> storedCells = new HashMap<>();

  TaskWork(TaskSpec spec) {
    this.spec = spec;
    this.priority = spec.priority();
    this.paused = spec.paused();
  }

  boolean hasOpenCells() {
    return phase == Phase.RENDERING && ledger.orElseThrow().openWork() > 0;
  }

  /** Whether an agent could be given something of it. */
  boolean wantsAgents() {
    return state.isActive() && !paused && (phase == Phase.OPENING || hasOpenCells());
  }

  /** Whether all that is left of the frame is leased. */
  boolean isClosing() {
    return state.isActive()
        && !paused
        && phase == Phase.RENDERING
        && !hasOpenCells()
        && !liveLeases.isEmpty();
  }

  /**
   * Whether one more agent may open the scene. Once agents were lost at that, no more of them are
   * at risk than may still be lost, however many there are.
   */
  boolean mayBeOpenedByOneMore() {
    return openingsLost == 0 || opening.size() < MOST_LOSSES - openingsLost;
  }

  /** Whether an agent has rendered some of it that is not set aside, here or not. */
  boolean isRenderedByOthers() {
    return storedCells.entrySet().stream()
        .anyMatch(agent -> agent.getValue() > 0 && !setAside.containsKey(agent.getKey()));
  }

  /** Whether it cannot take any agent that others can. */
  boolean isChoosy() {
    return !setAside.isEmpty() || agentsTooSmall > 0 || !doubts.isEmpty();
  }

  /** Pixel samples that would be open for each agent if one more came. */
  double openWorkForOneMoreAgent() {
    return (double) ledger.map(Ledger::openWork).orElse(0L) / (liveLeases.size() + 1);
  }

  double done() {
    return ledger.map(known -> (double) known.storedWork() / known.work()).orElse(0.0);
  }

  void follow(FramePlan found) {
    lossesByEarlierPlans = lossesInARow;
    plan = Optional.of(found);
    ledger = Optional.of(new Ledger(found.cut().size(), found.cut().samples()));
    phase = Phase.RENDERING;
  }

  /**
   * Whether others got done with what an agent failed at. That they did other cells of a scene
   * proves nothing: it may be at fault in one place.
   */
  boolean othersSucceeded(AgentName agent, Optional<Cell> at) {
    return at.map(this::isStored)
        .orElseGet(() ->
            Stream.concat(storedWork.keySet().stream(), opened.stream())
                .anyMatch(other -> !other.equals(agent)));
  }

  private boolean isStored(Cell cell) {
    List<Ledger.Entry> there = ledger.orElseThrow().entries(cell.tile());
    return !there.isEmpty()
        && there.stream().allMatch(entry -> entry.stored().contains(cell.samples()));
  }

  /**
   * An agent had too little memory.
   *
   * @param memory of its machine in bytes; 0: not known
   */
  void lacksMemory(long memory) {
    if (memory > muchLike(memoryTooLittle)) {
      agentsTooSmall = 0;
    }
    if (muchLike(memory) >= memoryTooLittle) {
      agentsTooSmall++;
    }
    memoryTooLittle = Math.max(memoryTooLittle, memory);
  }

  /** Whether an agent has less memory than one that had too little, or as much as a few had. */
  boolean isTooLittle(long memory) {
    return memory > 0
        && (memory < memoryTooLittle
            || (agentsTooSmall >= MOST_AGENTS_OF_A_SIZE && memory <= muchLike(memoryTooLittle)));
  }

  /** Machines of one kind differ by a little. */
  private static long muchLike(long memory) {
    return memory + memory / 16;
  }

  /** A leased cell has come. */
  void store(Cell cell, AgentName agent) {
    ledger.orElseThrow().store(cell);
    credit(cell, agent);
  }

  /**
   * A cell has come whose lease had run out.
   *
   * @return whether all of it was still open, so that it counts
   */
  boolean adopt(Cell cell, AgentName agent) {
    boolean isOpen = phase == Phase.RENDERING && ledger.orElseThrow().restore(cell);
    if (isOpen) {
      credit(cell, agent);
    }
    return isOpen;
  }

  private void credit(Cell cell, AgentName agent) {
    lossesByEarlierPlans = 0;
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

  void leaseBegins(LiveLease live) {
    AgentName agent = live.lease.agent();
    liveLeases.merge(agent, 1, Integer::sum);
    switch (live.lease.work()) {
      case Lease.Open _ -> opening.add(agent);
      case Lease.Render _ -> leasedCells += live.waiting.size();
      case Lease.Compose _ -> composeIsLeased = true;
    }
  }

  /** Cells that were leased are open again: they were given back, or nobody had begun them. */
  void release(List<Cell> cells) {
    leasedCells -= cells.size();
    cells.forEach(ledger.orElseThrow()::release);
  }

  /**
   * Whether it counts as this task's possible fault that an agent is lost at it now. Agents that
   * are lost together, as with a network, are one piece of evidence, not many.
   */
  boolean countsLoss(Duration now) {
    boolean counts =
        latestAgentLost.filter(latest -> now.minus(latest).compareTo(LOST_TOGETHER) <= 0).isEmpty();
    if (counts) {
      latestAgentLost = Optional.of(now);
    }
    return counts;
  }

  /** A leased cell is open again whose rendering ended without a result. */
  void lose(Cell cell) {
    leasedCells--;
    int losses = lossesByEarlierPlans + ledger.orElseThrow().lose(cell);
    if (losses > lossesInARow) {
      lossesInARow = losses;
      mostLost = cell.toString();
    }
  }

  /** A lease is over; none of its cells waits any more. */
  void leaseEnds(LiveLease live) {
    AgentName agent = live.lease.agent();
    liveLeases.computeIfPresent(agent, (_, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
    if (!liveLeases.containsKey(agent)) {
      isNotRenderedBy(agent);
    }
    switch (live.lease.work()) {
      case Lease.Open _ -> opening.remove(agent);
      case Lease.Render _ -> {}
      case Lease.Compose _ -> composeIsLeased = false;
    }
  }

  /**
   * An agent with live leases of this task has a certain speed.
   *
   * @param isMeasured whether it has rendered cells of the scene
   */
  void isRenderedBy(AgentName agent, double workPerSecond, boolean isMeasured) {
    if (!liveLeases.containsKey(agent)) {
      return;
    }
    isNotRenderedBy(agent);
    speeds.put(agent, workPerSecond);
    speed += workPerSecond;
    if (isMeasured) {
      measuredSpeeds.put(agent, workPerSecond);
      measuredSpeed += workPerSecond;
    }
  }

  private void isNotRenderedBy(AgentName agent) {
    speed = without(agent, speeds, speed);
    measuredSpeed = without(agent, measuredSpeeds, measuredSpeed);
  }

  private static double without(AgentName agent, Map<AgentName, Double> speeds, double sum) {
    Double own = speeds.remove(agent);
    if (speeds.isEmpty()) {
      // But for what rounding would leave.
      return 0;
    }
    return own == null ? sum : Math.max(0, sum - own);
  }

  /** Pixel samples a second of the agents whose speed was measured; 0: of none it was. */
  double measuredSpeed() {
    return measuredSpeed;
  }

  /** Pixel samples a second of all other agents with live leases of this task. */
  double speedOfOthers(AgentName agent) {
    boolean isAlone = speeds.size() == (speeds.containsKey(agent) ? 1 : 0);
    return isAlone ? 0 : Math.max(0, speed - speeds.getOrDefault(agent, 0.0));
  }

  /** An agent that was taken for one that has the scene open, and proves so by its leases only. */
  void opensAgainUnlessHeldBy(AgentName agent) {
    if (!liveLeases.containsKey(agent) && !lapsedAt.contains(agent)) {
      opened.remove(agent);
    }
  }

  /** An agent's process is gone, and with it what was known of it; its stored cells count on. */
  void agentLeaves(AgentName agent) {
    opened.remove(agent);
    failures.remove(agent);
    setAside.remove(agent);
    doubts.forget(agent);
  }
}
