package io.blendnet.server;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Judges whether it has been silent for too long, in {@link UpTime}. A server that is just up
 * counts as having heard something. Belongs to one thread.
 */
public final class Silence {
  private final Duration limit;
  private final UpTime upTime;
  private Duration latestSign = Duration.ZERO;

  /**
   * Begins to listen.
   *
   * @param limit how long is too long; zero: no silence is
   * @param nanoTime nanoseconds from any origin, such as {@link System#nanoTime}
   */
  public Silence(Duration limit, LongSupplier nanoTime) {
    if (limit.isNegative()) {
      throw new IllegalArgumentException("A silence is not negative: " + limit);
    }
    this.limit = limit;
    this.upTime = new UpTime(nanoTime);
  }

  /** How long is too long; zero: no silence is. */
  public Duration limit() {
    return limit;
  }

  /**
   * Looks, at least every second or two.
   *
   * @param sign whether there is a sign of life now, or was one since the last look
   * @return whether the silence has lasted too long
   */
  public boolean look(boolean sign) {
    Duration now = upTime.look();
    if (sign) {
      latestSign = now;
    }
    return !limit.isZero() && now.minus(latestSign).compareTo(limit) >= 0;
  }
}
