package io.blendnet.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which faults come when: the same for the same seed. Each stretch of time has one, at a random
 * moment of it; the kinds come in a random order, each as often as the others.
 */
record FaultPlan(List<Planned> faults) {
  /** Nothing lasts shorter than that: agents that are started anew need about as long. */
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  /**
   * @param at since the beginning
   * @param agent chooses among the agents that are well then; any number from 0
   * @param lasting until it ends, or what was killed is started again
   */
  record Planned(Duration at, FaultKind kind, int agent, Duration lasting) {}

  FaultPlan {
    faults = List.copyOf(faults);
  }

  static FaultPlan of(long seed, Duration time, double perMinute, Duration longest) {
    var random = new Random(seed);
    double stretch = 60_000 / perMinute;
    int count = (int) (perMinute * time.toMillis() / 60_000);
    var faults = new ArrayList<Planned>();
    var bag = new ArrayList<FaultKind>();
    for (int i = 0; i < count; i++) {
      if (bag.isEmpty()) {
        bag.addAll(List.of(FaultKind.values()));
        Collections.shuffle(bag, random);
      }
      Duration at = Duration.ofMillis((long) ((i + random.nextDouble()) * stretch));
      long span = longest.minus(SHORTEST).toMillis();
      Duration lasting = SHORTEST.plusMillis((long) (random.nextDouble() * span));
      faults.add(new Planned(at, bag.removeLast(), random.nextInt(1_000), lasting));
    }
    return new FaultPlan(faults);
  }
}
