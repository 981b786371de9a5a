package io.blendnet.manager;

import io.blendnet.domain.FrameCut;
import io.blendnet.domain.Lease;
import io.blendnet.storage.spi.LeaseRow;
import java.util.Optional;

/** Leases of cells as the store keeps them. */
final class LeaseRows {
  private LeaseRows() {}

  /** The row of a lease; none for one without cells, which is simply given again. */
  static Optional<LeaseRow> of(Lease lease) {
    return lease.work() instanceof Lease.Render render
        ? Optional.of(
            new LeaseRow(lease.id(), lease.task(), lease.agent(), lease.attempt(), render.cells()))
        : Optional.empty();
  }

  static Lease lease(LeaseRow row, FrameCut cut) {
    return new Lease(
        row.id(), row.task(), row.agent(), row.attempt(), new Lease.Render(row.cells(), cut));
  }
}
