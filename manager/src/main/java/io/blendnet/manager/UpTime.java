package io.blendnet.manager;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long the Manager has been up and listening. A machine that slept, a process that was stopped
 * and a store that could not be written do not count: an agent could not have been heard meanwhile.
 * Belongs to the farm loop.
 */
final class UpTime {
  /** Between two looks no more than this counts: what is beyond was sleep. */
  static final Duration LONGEST_STEP = Duration.ofSeconds(3);

  private final LongSupplier nanoTime;
  private long latest;
  private Duration passed = Duration.ZERO;

  /**
   * @param nanoTime nanoseconds that never run backwards
   */
  UpTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.latest = nanoTime.getAsLong();
  }

  /** The up-time now; to be asked at least every second or two. */
  Duration look() {
    long now = nanoTime.getAsLong();
    long step = Math.clamp(now - latest, 0, LONGEST_STEP.toNanos());
    latest = now;
    passed = passed.plusNanos(step);
    return passed;
  }
}
