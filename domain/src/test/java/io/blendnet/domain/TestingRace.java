package io.blendnet.domain;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Agents that work side by side, each as fast as it is, in a time of the test's own. */
final class TestingRace {
  /** How long agents take to open a scene. */
  static final double OPENING_SECONDS = 2;

  private static final double LONGEST = 100_000;

  private final TestingFarm farm;
  private final Set<String> agents;
  private final Map<String, TestingFarm.Job> jobs = new HashMap<>();
  private final Map<String, Double> ends = new HashMap<>();
  private double now;
  private double nextTick = 1;

  TestingRace(TestingFarm farm, String... agents) {
    this.farm = farm;
    this.agents = new TreeSet<>(List.of(agents));
  }

  /** Another agent has joined. */
  void enter(String agent) {
    agents.add(agent);
  }

  /**
   * Runs until all cells of a task are stored.
   *
   * @return the time in seconds since the race began
   */
  double runUntilRendered(TaskName task) {
    while (!farm.isAssembling(task)) {
      step();
    }
    return now;
  }

  void runUntil(double time) {
    while (now < time) {
      step();
    }
  }

  private void step() {
    if (now > LONGEST) {
      throw new AssertionError("Nobody gets done");
    }
    agents.forEach(this::look);
    Optional<String> next =
        jobs.keySet().stream()
            .filter(agent -> end(agent) <= nextTick)
            .min((one, other) -> Double.compare(end(one), end(other)));
    if (next.isPresent()) {
      now = end(next.get());
      jobs.remove(next.get());
      farm.work(next.get());
    } else {
      now = nextTick;
      nextTick++;
      farm.pass(Duration.ofSeconds(1));
    }
  }

  private double end(String agent) {
    return ends.getOrDefault(agent, LONGEST);
  }

  /** An agent begins what it was given, and goes on with what it has begun. */
  private void look(String agent) {
    Optional<TestingFarm.Job> job = farm.job(agent);
    if (job.isEmpty()) {
      jobs.remove(agent);
    } else if (!job.get().equals(jobs.put(agent, job.get()))) {
      boolean opens = farm.lease(agent).work() instanceof Lease.Open;
      ends.put(agent, now + (opens ? OPENING_SECONDS : farm.secondsOfCell(agent)));
    }
  }
}
