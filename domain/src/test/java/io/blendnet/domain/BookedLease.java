package io.blendnet.domain;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A lease, and of its cells those that are awaited. */
final class BookedLease {
  final Lease lease;
  final BookedTask task;
  final NavigableMap<Integer, Cell> waiting = new TreeMap<>();

  /** Whether a steal of cells is unanswered, as far as the farm can tell. */
  boolean isAsked;

  /** Whether its task is paused and its holder has not been told. */
  boolean mustBeAsked;

  BookedLease(Lease lease, BookedTask task) {
    this.lease = lease;
    this.task = task;
    List<Cell> cells = cells(lease);
    for (int number = 0; number < cells.size(); number++) {
      waiting.put(number, cells.get(number));
    }
  }

  /** The cells of a lease, by their numbers. */
  static List<Cell> cells(Lease lease) {
    return switch (lease.work()) {
      case Lease.Render(List<Cell> cells, FrameCut _) -> cells;
      case Lease.Open _, Lease.Compose _ -> List.of();
    };
  }

  boolean renders() {
    return lease.work() instanceof Lease.Render;
  }
}
