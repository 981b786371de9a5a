package io.blendnet.storage.spi;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.Tile;
import java.time.Instant;

/**
 * The stored result of a cell; a task has at most one for each cell.
 *
 * @param rendered the tile with its overscan: what the blob's pixels are
 * @param attempt of the lease, from 1
 * @param stored when the blob was safe
 */
public record DeliveryRow(
    TaskName task,
    Cell cell,
    Tile rendered,
    LeaseId lease,
    int attempt,
    AgentName agent,
    BlobId blob,
    Instant stored,
    CellTimings timings) {
  public DeliveryRow {
    if (attempt < 1) {
      throw new IllegalArgumentException("Attempts are numbered from 1, not " + attempt);
    }
  }
}
