package io.blendnet.domain;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The scheduler's knowledge of one agent. */
final class AgentWork {
  /** A live lease with what of it is still to come. */
  static final class LiveLease {
    final Lease lease;

    /** Number of the cell in the lease, to the cell, for cells that have not arrived. */
    final Map<Integer, Cell> waiting = new LinkedHashMap<>();

    LiveLease(Lease lease) {
      this.lease = lease;
      if (lease.work() instanceof Lease.Render render) {
        for (int number = 0; number < render.cells().size(); number++) {
          waiting.put(number, render.cells().get(number));
        }
      }
    }
  }

  /** Speeds of scenes beyond this many are forgotten, the first learnt first. */
  private static final int MOST_SCENES = 50;

  final AgentName name;
  final int cores;
  final Map<LeaseId, LiveLease> leases = new LinkedHashMap<>();
  private final Map<String, Speed> speeds = new LinkedHashMap<>();

  AgentWork(AgentName name, int cores) {
    this.name = name;
    this.cores = cores;
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
      for (Cell cell : live.waiting.values()) {
        work += cell.work();
      }
    }
    return work;
  }

  Optional<TaskName> currentTask() {
    return leases.values().stream().findFirst().map(live -> live.lease.task());
  }

  boolean opensOrComposes() {
    for (LiveLease live : leases.values()) {
      if (!(live.lease.work() instanceof Lease.Render)) {
        return true;
      }
    }
    return false;
  }
}
