package io.blendnet.agent;

import io.blendnet.domain.Cell;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkStep;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether a cell can still be rendered and delivered before the agent ends, by what was measured.
 * Of what nothing is known it is taken that it cannot. Thread-safe.
 */
final class Forecast {
  private final EndNotice notice;
  private final ScenePace scenes;
  private final DeliveryPace deliveries;
  private final DeliveryShelf shelf;

  Forecast(EndNotice notice, ScenePace scenes, DeliveryPace deliveries, DeliveryShelf shelf) {
    this.notice = notice;
    this.scenes = scenes;
    this.deliveries = deliveries;
    this.shelf = shelf;
  }

  boolean noticeIsGiven() {
    return notice.isGiven();
  }

  /** How many bytes a cell's file will have, as far as is known. */
  long bytesFor(SceneOrder scene, Cell cell) {
    return scenes.bytesFor(scene, cell);
  }

  /**
   * How much longer the cell in progress will take; absent where it takes longer than expected
   * already or nothing is known about it.
   */
  Optional<Duration> remaining(StepInProgress now) {
    if (now.opening() || !(now.step() instanceof WorkStep.Render step)) {
      return Optional.empty();
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - now.since());
    return scenes
        .timeFor(now.lease().order().scene(), step.cell())
        .map(whole -> whole.minus(elapsed))
        .filter(Duration::isPositive);
  }

  /**
   * How long the step in progress and those after it, all of one scene, will take together; empty
   * where that is not known of all of them.
   */
  Optional<Duration> timeFor(StepInProgress now, List<WorkStep> after) {
    SceneOrder scene = now.lease().order().scene();
    Duration sum = remaining(now).orElse(Duration.ZERO);
    for (WorkStep step : after) {
      Optional<Duration> time =
          step instanceof WorkStep.Render cell
              ? scenes.timeFor(scene, cell.cell())
              : Optional.empty();
      if (time.isEmpty()) {
        return Optional.empty();
      }
      sum = sum.plus(time.get());
    }
    return Optional.of(sum);
  }

  /** Whether so much work, and the bytes of a cell after it, go into the rest of the notice. */
  private boolean fits(Duration work, long bytes) {
    Duration delivery = deliveries.timeFor(shelf.bytes() + bytes).orElse(Duration.ZERO);
    return notice.leftForWork().map(left -> left.compareTo(work.plus(delivery)) >= 0).orElse(true);
  }

  /** Whether what is in progress can be waited for, where it is known how long it takes. */
  boolean canBeAwaited(StepInProgress now, Duration remaining) {
    return !(now.step() instanceof WorkStep.Render step)
        || fits(remaining, bytesFor(now.lease().order().scene(), step.cell()));
  }

  /** What fits, one cell after the other. */
  Plan after(Duration work) {
    return new Plan(work);
  }

  /** Cells that were counted in one after the other. Used by one thread. */
  final class Plan {
    private Duration work;
    private long bytes;

    private Plan(Duration work) {
      this.work = work;
    }

    /** Whether this cell fits behind those before, and counts it in where it does. */
    boolean fits(SceneOrder scene, WorkStep.Render step) {
      if (!notice.isGiven()) {
        return true;
      }
      Optional<Duration> time = scenes.timeFor(scene, step.cell());
      if (time.isEmpty()) {
        return false;
      }
      Duration then = work.plus(time.get());
      long size = bytes + bytesFor(scene, step.cell());
      boolean fits = Forecast.this.fits(then, size);
      if (fits) {
        work = then;
        bytes = size;
      }
      return fits;
    }
  }
}
