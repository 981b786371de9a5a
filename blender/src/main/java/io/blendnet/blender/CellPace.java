package io.blendnet.blender;

import io.blendnet.domain.Cell;
import java.time.Duration;

/**
 * How long cells may take, after how long they took: by the slowest so far, since parts of a
 * picture differ a lot. Thread-safe.
 */
final class CellPace {
  private final SessionDeadlines deadlines;
  private double slowestNanosPerWork;
  private Duration longest = Duration.ZERO;
  private boolean any;

  CellPace(SessionDeadlines deadlines) {
    this.deadlines = deadlines;
  }

  synchronized Duration limitFor(Cell cell) {
    if (!any) {
      return deadlines.firstCell();
    }
    double expected = (double) longest.toNanos() + slowestNanosPerWork * cell.work();
    double most = (double) deadlines.firstCell().toNanos();
    Duration limit = Duration.ofNanos((long) Math.min(expected * deadlines.cellFactor(), most));
    return limit.compareTo(deadlines.shortestCell()) > 0 ? limit : deadlines.shortestCell();
  }

  synchronized void record(Cell cell, Duration took) {
    any = true;
    slowestNanosPerWork =
        Math.max(slowestNanosPerWork, (double) took.toNanos() / Math.max(1, cell.work()));
    // The first cell of a scene loads textures and builds what later ones find ready.
    longest = longest.compareTo(took) > 0 ? longest : took;
  }

  /** Another scene: nothing is known about it. */
  synchronized void reset() {
    any = false;
    slowestNanosPerWork = 0;
    longest = Duration.ZERO;
  }
}
