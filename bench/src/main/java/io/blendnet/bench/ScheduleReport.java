package io.blendnet.bench;

import io.blendnet.manager.Measured;
import io.blendnet.manager.Times;
import io.blendnet.protocol.WireJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What came of it.
 *
 * @param load what else the machine had to do: programs that wanted a core, this one included
 * @param disk one append of 4 KiB, forced to the disk
 * @param measured of several rounds the median one
 * @param readsPerSecond statuses read from the snapshot by one thread while the farm decides
 */
record ScheduleReport(
    int cores,
    double load,
    Times.Spread disk,
    List<Measured> measured,
    double readsPerSecond,
    List<Aim> aims) {
  private static final double DECISIONS_PER_SECOND = 20_000;
  private static final double LONGEST_DECISION = 10;
  private static final double DECISIONS_PER_COMMIT = 50;

  /** Each agent waits for the commit of its latest result: fewer cannot queue up for the next. */
  private static final int AGENTS_THAT_ARE_LOAD = 1_000;

  /** Rounds of one kind differ by about as much. */
  private static final double NOISE = 0.10;

  /**
   * What is to be reached.
   *
   * @param found the worst that was measured
   */
  record Aim(String what, String found, boolean holds) {}

  /** What was measured several times is told once: the round with the median rate. */
  static List<Measured> medians(List<Measured> all) {
    return groups(all).values().stream().map(ScheduleReport::median).toList();
  }

  private static Map<List<Object>, List<Measured>> groups(List<Measured> all) {
    return all.stream()
        .collect(
            Collectors.groupingBy(
                run -> List.of(run.workload(), run.agents(), run.history()),
                LinkedHashMap::new,
                Collectors.toList()));
  }

  private static Measured median(List<Measured> rounds) {
    List<Measured> sorted =
        rounds.stream().sorted(Comparator.comparingDouble(Measured::decisionsPerSecond)).toList();
    return sorted.get(sorted.size() / 2);
  }

  static List<Aim> aims(List<Measured> all, int largest, int history) {
    List<Measured> medians = medians(all);
    List<Aim> aims = new ArrayList<>();
    aims.add(
        rate("the scheduler alone: 20,000 decisions a second", medians, ScheduleReport::isAlone));
    aims.add(rate("stored: 20,000 decisions a second", medians, run -> !isAlone(run)));
    double slowest =
        medians.stream()
            .filter(run -> run.agents() == largest)
            .mapToDouble(run -> run.decision().p99())
            .max()
            .orElse(0);
    aims.add(
        new Aim(
            "99 %% of decisions below 10 ms with %,d agents".formatted(largest),
            "%.3f ms".formatted(slowest),
            slowest < LONGEST_DECISION));
    double fewest =
        medians.stream()
            .filter(run -> !isAlone(run) && run.agents() >= AGENTS_THAT_ARE_LOAD)
            .mapToDouble(Measured::decisionsPerCommit)
            .min()
            .orElse(0);
    aims.add(
        new Aim(
            "50 decisions a commit with 1,000 agents and more",
            "%.0f".formatted(fewest),
            fewest >= DECISIONS_PER_COMMIT));
    aims.add(historyAim(medians, history));
    return aims;
  }

  private static boolean isAlone(Measured run) {
    return run.history() == Measured.NO_STORE;
  }

  private static Aim rate(String what, List<Measured> medians, Predicate<Measured> which) {
    Measured slowest =
        medians.stream()
            .filter(which)
            .min(Comparator.comparingDouble(Measured::decisionsPerSecond))
            .orElseThrow();
    return new Aim(
        what,
        "%,.0f (%s, %,d agents)"
            .formatted(slowest.decisionsPerSecond(), slowest.workload(), slowest.agents()),
        slowest.decisionsPerSecond() >= DECISIONS_PER_SECOND);
  }

  /** How much slower a farm with a history is, over all sizes: the geometric mean. */
  private static Aim historyAim(List<Measured> medians, int history) {
    double logarithms = 0;
    int pairs = 0;
    for (Measured old : medians) {
      for (Measured young : medians) {
        if (old.history() == history
            && young.history() == 0
            && young.agents() == old.agents()
            && young.workload().equals(old.workload())) {
          logarithms += Math.log(old.decisionsPerSecond() / young.decisionsPerSecond());
          pairs++;
        }
      }
    }
    double ratio = Math.exp(logarithms / pairs);
    return new Aim(
        "as fast with %,d finished tasks".formatted(history),
        "%.2f times as fast".formatted(ratio),
        ratio > 1 - NOISE);
  }

  String json() {
    return new String(WireJson.write(this), StandardCharsets.UTF_8);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d cores, load %.1f; 4 KiB to the disk: p50 %.2f ms, p99 %.2f ms, max %.2f ms%n"
            .formatted(cores, load, disk.p50(), disk.p99(), disk.max()));
    text.append(
        """
                                 finished  decisions   CPU     a decision, ms           a commit, ms      decisions
        frames        agents        tasks   a second    us    p50    p99     max     p50    p99    max   a commit
        """);
    measured.forEach(run -> text.append(line(run)));
    text.append(
        "statuses that one thread reads a second meanwhile: %,.0f%n".formatted(readsPerSecond));
    for (Aim aim : aims) {
      text.append(
          "%-6s  %-50s  %s%n".formatted(aim.holds ? "holds" : "MISSED", aim.what, aim.found));
    }
    return text.toString().stripTrailing();
  }

  private static String line(Measured run) {
    String decided =
        "%-12s %,7d %,12d %,10.0f %5.1f  %5.3f  %5.3f %7.2f"
            .formatted(
                run.workload(),
                run.agents(),
                run.history(),
                run.decisionsPerSecond(),
                run.cpuPerDecision() * 1000,
                run.decision().p50(),
                run.decision().p99(),
                run.decision().max());
    if (isAlone(run)) {
      return decided.replace("          -1", "    no store") + "\n";
    }
    return decided
        + " %7.2f %6.2f %6.2f %10.0f%n"
            .formatted(
                run.commit().p50(),
                run.commit().p99(),
                run.commit().max(),
                run.decisionsPerCommit());
  }
}
