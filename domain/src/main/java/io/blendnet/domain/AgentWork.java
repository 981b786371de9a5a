package io.blendnet.domain;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The scheduler's knowledge of one agent. */
final class AgentWork {
  /** Whether an agent can be given work. */
  enum Presence {
    /** It answers. */
    HERE,
    /** It does not answer, but its leases live. */
    SILENT,
    /**
     * Its leases have lapsed. It is remembered, until it is taken out, for what it may still bring
     * and for which process it was.
     */
    GONE
  }

  /** Speeds of scenes beyond this many are forgotten, the first learnt first. */
  private static final int MOST_SCENES = 50;

  private static final AgentMachine NOT_YET_KNOWN = new AgentMachine("", 1, 0, false);

  final AgentName name;
  AgentMachine machine;
  Presence presence;

  /** Up-time since which it has not answered. */
  Duration silentSince = Duration.ZERO;

  /** Up-time at which its latest result came, or at which it began. */
  Duration latestProgress = Duration.ZERO;

  /** The scene that its session has open; empty: none that is known. */
  String openScene = "";

  /** Whether it is about to end. */
  boolean terminating;

  /** Whether a steal for it is unanswered. */
  boolean steals;

  /** Why it gets no work of any task. */
  Optional<String> setAside = Optional.empty();

  /** In the order in which they were given, which is that of their numbers. */
  final NavigableMap<LeaseId, LiveLease> leases = new TreeMap<>();

  /** Leases that ran out, while results of them may still be adopted. */
  final Map<LeaseId, LiveLease> lapsed = new LinkedHashMap<>();

  /**
   * Tasks that it failed at since it last succeeded, and at which cell; none where it failed before
   * it had a cell.
   */
  final Map<TaskWork, Optional<Cell>> failedAt = new LinkedHashMap<>();

  private final Map<String, Speed> speeds = new LinkedHashMap<>();

  AgentWork(AgentName name, AgentMachine machine, Presence presence) {
    this.name = name;
    this.machine = machine;
    this.presence = presence;
  }

  /** An agent that may hold leases from before the Manager started, and has not joined since. */
  static AgentWork notYetBack(AgentName name, Duration now) {
    AgentWork agent = new AgentWork(name, NOT_YET_KNOWN, Presence.SILENT);
    agent.silentSince = now;
    return agent;
  }

  /** Whether a join is that of another process than the one that was here. */
  boolean hasStartedAnew(AgentMachine joining) {
    return !isUnseen() && !machine.boot().equals(joining.boot());
  }

  /** Whether it has not joined since the Manager started: its process may be another one. */
  boolean isUnseen() {
    return machine.boot().isEmpty();
  }

  /** Whether it can be reached, or may be back soon. */
  boolean isConnected() {
    return presence != Presence.GONE;
  }

  /** Whether it can be given work. */
  boolean isUsable() {
    return presence == Presence.HERE && mayBeUsable();
  }

  /** Whether it can be given work, or may be soon: one that is silent may just be hard to reach. */
  boolean mayBeUsable() {
    return isConnected() && !terminating && setAside.isEmpty();
  }

  Speed speed(String scene) {
    return speeds.getOrDefault(scene, new Speed());
  }

  void learn(String scene, long rendered, CellTimings timings) {
    if (!speeds.containsKey(scene) && speeds.size() == MOST_SCENES) {
      speeds.remove(speeds.keySet().iterator().next());
    }
    speeds.computeIfAbsent(scene, _ -> new Speed()).learn(rendered, timings);
  }

  int waitingCells() {
    int cells = 0;
    for (LiveLease live : leases.values()) {
      cells += live.waiting.size();
    }
    return cells;
  }

  long waitingWork() {
    long work = 0;
    for (LiveLease live : leases.values()) {
      work += live.waitingWork();
    }
    return work;
  }

  /** The lease that it is at: agents take them in the order in which they were given. */
  Optional<LiveLease> firstLease() {
    return Optional.ofNullable(leases.firstEntry()).map(Map.Entry::getValue);
  }

  Optional<TaskName> currentTask() {
    return firstLease().map(live -> live.lease.task());
  }

  boolean opensOrComposes() {
    for (LiveLease live : leases.values()) {
      if (!live.renders()) {
        return true;
      }
    }
    return false;
  }
}
