package io.blendnet.domain;

import java.util.Set;

/**
 * A lease that an agent says it holds when it joins.
 *
 * @param cells numbers of the cells that it will still deliver: they wait, are being rendered, or
 *     are finished and were not fetched; empty for a lease without cells
 */
public record HeldLease(LeaseId lease, int attempt, Set<Integer> cells) {
  public HeldLease {
    cells = Set.copyOf(cells);
  }
}
