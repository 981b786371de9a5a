package io.blendnet.domain;

import java.util.HashMap;
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

  final AgentName name;
  final int cores;
  final Map<LeaseId, LiveLease> leases = new LinkedHashMap<>();
  final Map<String, Speed> speeds = new HashMap<>();

  AgentWork(AgentName name, int cores) {
    this.name = name;
    this.cores = cores;
  }

  Speed speed(String scene) {
    return speeds.computeIfAbsent(scene, _ -> new Speed());
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
    return leases.values().stream().anyMatch(live -> !(live.lease.work() instanceof Lease.Render));
  }
}
