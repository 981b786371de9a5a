package io.blendnet.server;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long a server has been up and listening. A machine that slept, a process that was stopped and
 * whatever kept us from looking do not count: nobody could have been heard meanwhile. Belongs to
 * one thread.
 */
public final class UpTime {
  /** Between two looks no more than this counts: what is beyond was sleep. */
  public static final Duration LONGEST_STEP = Duration.ofSeconds(3);

  private final LongSupplier nanoTime;
  private long latest;
  private Duration passed = Duration.ZERO;

  /**
   * Begins to count.
   *
   * @param nanoTime nanoseconds from any origin, such as {@link System#nanoTime}
   */
  public UpTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.latest = nanoTime.getAsLong();
  }

  /** The up-time now; to be asked at least every second or two. */
  public Duration look() {
    long now = nanoTime.getAsLong();
    passed = passed.plusNanos(Math.clamp(now - latest, 0, LONGEST_STEP.toNanos()));
    latest = now;
    return passed;
  }
}
