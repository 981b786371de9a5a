package io.blendnet.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A lease with what of it is still to come. */
final class LiveLease {
  final Lease lease;
  final TaskWork task;

  /** Number of the cell in the lease, to the cell, for cells that have not arrived. */
  final NavigableMap<Integer, Cell> waiting = new TreeMap<>();

  /** The agent for which cells of it are being stolen; nothing more is until the holder answers. */
  Optional<AgentWork> thief = Optional.empty();

  /** Whether the holder said that it has begun all that it was asked to give back. */
  boolean isBegun;

  private long waitingWork;

  LiveLease(Lease lease, TaskWork task) {
    this.lease = lease;
    this.task = task;
    if (lease.work() instanceof Lease.Render(List<Cell> cells, FrameCut _)) {
      for (int number = 0; number < cells.size(); number++) {
        add(number, cells.get(number));
      }
    }
  }

  /** The part of a lease that is left from before. */
  LiveLease(Lease lease, TaskWork task, Set<Integer> left) {
    this.lease = lease;
    this.task = task;
    List<Cell> cells = ((Lease.Render) lease.work()).cells();
    left.forEach(number -> add(number, cells.get(number)));
  }

  private void add(int number, Cell cell) {
    waiting.put(number, cell);
    waitingWork += cell.work();
  }

  boolean renders() {
    return lease.work() instanceof Lease.Render;
  }

  /** Pixel samples of the cells that have not arrived. */
  long waitingWork() {
    return waitingWork;
  }

  Optional<Cell> take(int number) {
    Cell cell = waiting.remove(number);
    if (cell != null) {
      waitingWork -= cell.work();
    }
    return Optional.ofNullable(cell);
  }

  /** Takes all cells out of those with these numbers that have not arrived. */
  List<Cell> take(Set<Integer> numbers) {
    List<Cell> taken = new ArrayList<>();
    for (Integer number : List.copyOf(waiting.keySet())) {
      if (numbers.contains(number)) {
        take((int) number).ifPresent(taken::add);
      }
    }
    return taken;
  }

  /** Takes all out that has not arrived. */
  List<Cell> takeAll() {
    List<Cell> taken = List.copyOf(waiting.values());
    waiting.clear();
    waitingWork = 0;
    return taken;
  }

  /** The cell that is being rendered, where this lease is the agent's first. */
  Optional<Cell> head() {
    return Optional.ofNullable(waiting.firstEntry()).map(Map.Entry::getValue);
  }
}
