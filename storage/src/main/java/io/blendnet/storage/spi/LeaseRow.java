package io.blendnet.storage.spi;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.Cell;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import java.util.List;

/**
 * A lease that an agent may still answer for: what its numbers of cells mean.
 *
 * @param id unique in a farm
 * @param attempt from 1
 * @param cells in the order of the lease, whose numbers begin with 0; empty where it renders none
 */
public record LeaseRow(LeaseId id, TaskName task, AgentName agent, int attempt, List<Cell> cells) {
  public LeaseRow {
    if (attempt < 1) {
      throw new IllegalArgumentException("Attempts are numbered from 1, not " + attempt);
    }
    cells = List.copyOf(cells);
  }
}
