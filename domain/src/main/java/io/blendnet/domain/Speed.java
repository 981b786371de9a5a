package io.blendnet.domain;

import java.time.Duration;

/**
 * How fast an agent renders a scene, learnt from its cells. The mean is exponential, so that it
 * follows a scene that is harder at the bottom than at the top.
 */
final class Speed {
  private static final double WEIGHT_OF_NEWEST = 0.4;

  /** Agents measure, and an agent's clock may be wrong: one bad measurement must not spoil all. */
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private static final Duration LONGEST = Duration.ofDays(1);

  private double workPerSecond;
  private double fixedSeconds;
  private long largestCell;
  private int cells;

  /**
   * @param rendered pixel samples of a cell with its overscan
   */
  void learn(long rendered, CellTimings timings) {
    double measured = rendered / seconds(timings.render());
    double fixed = seconds(timings.sync()) + seconds(timings.save()) + seconds(timings.readBack());
    if (cells == 0) {
      workPerSecond = measured;
      fixedSeconds = fixed;
    } else {
      workPerSecond += WEIGHT_OF_NEWEST * (measured - workPerSecond);
      fixedSeconds += WEIGHT_OF_NEWEST * (fixed - fixedSeconds);
    }
    largestCell = Math.max(largestCell, rendered);
    cells++;
  }

  boolean isKnown() {
    return cells > 0;
  }

  int cells() {
    return cells;
  }

  /** Pixel samples a second. */
  double workPerSecond() {
    return workPerSecond;
  }

  /** Seconds of a cell that do not grow with it. */
  double fixedSeconds() {
    return fixedSeconds;
  }

  /** Pixel samples of the largest cell so far. */
  long largestCell() {
    return largestCell;
  }

  private static double seconds(Duration duration) {
    if (duration.compareTo(SHORTEST) < 0) {
      return seconds(SHORTEST);
    }
    if (duration.compareTo(LONGEST) > 0) {
      return seconds(LONGEST);
    }
    return duration.toNanos() / 1e9;
  }
}
