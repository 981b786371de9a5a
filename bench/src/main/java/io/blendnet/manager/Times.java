package io.blendnet.manager;

import java.util.Arrays;

/** How long each of many equal things took. Not thread-safe. */
public final class Times {
  private static final int FIRST_ROOM = 1 << 16;

  private long[] nanoseconds = new long[FIRST_ROOM];
  private int count;

  /** Adds one that took so many nanoseconds. */
  public void add(long taken) {
    if (count == nanoseconds.length) {
      nanoseconds = Arrays.copyOf(nanoseconds, 2 * count);
    }
    nanoseconds[count++] = taken;
  }

  void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  /** The distribution so far, in milliseconds; zeros where nothing was timed. */
  public Spread spread() {
    if (count == 0) {
      return new Spread(0, 0, 0, 0);
    }
    long[] sorted = Arrays.copyOf(nanoseconds, count);
    Arrays.sort(sorted);
    return new Spread(at(sorted, 0.50), at(sorted, 0.99), at(sorted, 0.999), at(sorted, 1));
  }

  private static double at(long[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
  }

  /** Milliseconds below which half, 99 %, 99.9 % and all of them lie. */
  public record Spread(double p50, double p99, double p999, double max) {}
}
