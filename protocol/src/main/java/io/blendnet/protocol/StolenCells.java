package io.blendnet.protocol;

import java.util.List;

/**
 * Answer to {@link StealOrder}.
 *
 * @param cells those of the asked that the agent has not begun and now never will, also where it
 *     gave them back before
 */
public record StolenCells(List<Integer> cells) {
  public StolenCells {
    cells = List.copyOf(cells);
  }
}
