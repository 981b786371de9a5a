package io.blendnet.protocol;

import java.util.List;

/**
 * {@code POST work/lease/{lease}/steal}: give back those of these cells that you have not begun.
 *
 * @param attempt of the lease
 * @param cells numbers within the lease
 */
public record StealOrder(int attempt, List<Integer> cells) {
  public StealOrder {
    cells = List.copyOf(cells);
  }
}
