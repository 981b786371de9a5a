package io.blendnet.protocol;

import java.util.List;

/**
 * A lease that an agent has and will still deliver something of.
 *
 * @param task name of the task
 * @param lease number of the lease
 * @param attempt which attempt at this work this is
 * @param cells numbers within the lease of the cells that are still to come: waiting, in progress,
 *     or finished and not given up yet; empty for a lease that opens or composes
 */
public record HeldLease(String task, long lease, int attempt, List<Integer> cells) {
  public HeldLease {
    cells = List.copyOf(cells);
  }
}
