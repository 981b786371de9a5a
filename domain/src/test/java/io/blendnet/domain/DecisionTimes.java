package io.blendnet.domain;

import java.util.Arrays;
import java.util.List;

/** How long decisions take. */
final class DecisionTimes {
  private long[] nanos = new long[1024];
  private int count;

  List<Effect> decide(Farm farm, FarmEvent event) {
    long begun = System.nanoTime();
    List<Effect> effects = farm.decide(event);
    add(System.nanoTime() - begun);
    return effects;
  }

  private void add(long taken) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = taken;
  }

  /** Adds those of another run. */
  synchronized void addAll(DecisionTimes others) {
    for (int i = 0; i < others.count; i++) {
      add(others.nanos[i]);
    }
  }

  @Override
  public String toString() {
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
