package io.blendnet.domain;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;

/**
 * How long decisions take, in CPU time of the thread that decides: others may be at work on the
 * same machine.
 */
class DecisionTimes {
  private final ThreadMXBean clock = ManagementFactory.getThreadMXBean();
  private long[] nanos = new long[1024];
  private int count;

  final List<Effect> decide(Farm farm, FarmEvent event) {
    long begun = clock.getCurrentThreadCpuTime();
    List<Effect> effects = farm.decide(event);
    add(event, effects, clock.getCurrentThreadCpuTime() - begun);
    return effects;
  }

  /** Notes how many nanoseconds a decision took. */
  void add(FarmEvent event, List<Effect> effects, long taken) {
    add(taken);
  }

  private void add(long taken) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = taken;
  }

  /** Adds those of another run. */
  final synchronized void addAll(DecisionTimes others) {
    for (int i = 0; i < others.count; i++) {
      add(others.nanos[i]);
    }
  }

  @Override
  public final String toString() {
    if (count == 0) {
      return "no decisions";
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    double seconds = Arrays.stream(sorted).sum() / 1e9;
    return "%d decisions, %.0f a second; 50 %% below %.1f us, 99 %% below %.1f us, longest %.1f ms"
        .formatted(
            count,
            count / seconds,
            sorted[count / 2] / 1e3,
            sorted[count / 100 * 99] / 1e3,
            sorted[count - 1] / 1e6);
  }
}
