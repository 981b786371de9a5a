package io.blendnet.bench;

import io.blendnet.manager.FarmAlone;
import io.blendnet.manager.FarmInLoop;
import io.blendnet.manager.FinishedTasks;
import io.blendnet.manager.Measured;
import io.blendnet.manager.Times;
import io.blendnet.manager.Workload;
import io.blendnet.storage.SqliteFarmStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How fast the Manager decides: the scheduler alone, and with its loop and its store on the disk,
 * for farms of several sizes, young ones and such that have rendered for years.
 */
final class Schedule {
  private static final String QUICK = "--quick";
  private static final String JSON = "--json";
  private static final int USAGE = 2;
  private static final int PROGRESS = 100_000;

  /** A farm with a store, and what it was filled with. */
  private record Stored(Path folder, int history, AtomicInteger nextFrame) {}

  private final boolean isQuick;
  private final Path folder;
  private final List<Measured> all = new ArrayList<>();

  private Schedule(boolean isQuick, Path folder) {
    this.isQuick = isQuick;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Set<String> flags = Set.of(QUICK, JSON);
    for (String argument : arguments) {
      if (!flags.contains(argument)) {
        System.err.printf("bench/schedule: '%s' is no flag%n", argument);
        System.err.println("bench/schedule [--quick] [--json]");
        System.exit(USAGE);
      }
    }
    List<String> given = List.of(arguments);
    Path folder = Files.createTempDirectory("blendnet-bench-schedule-");
    try {
      ScheduleReport report = new Schedule(given.contains(QUICK), folder).measure();
      System.out.println(given.contains(JSON) ? report.json() : report.text());
    } finally {
      Commands.delete(folder);
    }
  }

  private int[] farms() {
    return isQuick ? new int[] {100, 1_000} : new int[] {100, 1_000, 5_000};
  }

  private int history() {
    return isQuick ? 20_000 : 1_000_000;
  }

  /** Runs with and without history take turns, so that what else the machine does hits both. */
  private int rounds() {
    return isQuick ? 1 : 3;
  }

  private Duration time() {
    return Duration.ofSeconds(isQuick ? 1 : 3);
  }

  private ScheduleReport measure() throws IOException, InterruptedException {
    double loadBefore = load();
    Stored young = new Stored(folder.resolve("young"), 0, new AtomicInteger());
    Stored old = new Stored(folder.resolve("old"), history(), new AtomicInteger());
    fill(old);
    Times.Spread disk = DiskTimes.measure(folder);
    int largest = farms()[farms().length - 1];
    for (Workload workload : Workload.values()) {
      // The first run of all finds code that was never run.
      FarmAlone.measure(workload, largest, time());
      for (int agents : farms()) {
        tell("%s, %d agents", workload.words(), agents);
        all.add(FarmAlone.measure(workload, agents, time()));
        for (int round = 0; round < rounds(); round++) {
          all.add(inLoop(workload, agents, young, false));
          all.add(inLoop(workload, agents, old, false));
        }
      }
    }
    tell("reads");
    double reads = inLoop(Workload.MANY_FRAMES, largest, young, true).readsPerSecond();
    return new ScheduleReport(
        Runtime.getRuntime().availableProcessors(),
        Math.max(loadBefore, load()),
        disk,
        ScheduleReport.medians(all),
        reads,
        ScheduleReport.aims(all, largest, history()));
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private Measured inLoop(Workload workload, int agents, Stored farm, boolean reads)
      throws IOException, InterruptedException {
    try (SqliteFarmStore store = SqliteFarmStore.open(farm.folder)) {
      return FarmInLoop.measure(
          workload, agents, store, farm.history, farm.nextFrame, reads, time());
    }
  }

  private static void fill(Stored farm) throws IOException {
    tell("fills a store with %,d finished tasks", farm.history);
    try (SqliteFarmStore store = SqliteFarmStore.open(farm.folder)) {
      FinishedTasks.fill(
          store,
          farm.history,
          count -> {
            if (count % PROGRESS == 0) {
              tell("  %,d", count);
            }
          });
    }
  }

  /** News go where they are not in the way of what is asked for. */
  private static void tell(String format, Object... arguments) {
    System.err.printf(format + "%n", arguments);
  }
}
