package io.blendnet.bench;

import java.time.Duration;
import java.util.Random;
import java.util.Set;

/**
 * What {@code bench/chaos} is told.
 *
 * @param time how long faults happen
 * @param faultsPerMinute of all kinds together
 * @param longestFault no fault lasts longer
 */
record ChaosOptions(
    Duration time,
    long seed,
    double faultsPerMinute,
    Duration longestFault,
    int agents,
    int width,
    int height,
    int samples,
    boolean json) {
  static final String USAGE =
      """
      bench/chaos [--minutes N] [--seed N] [--kills-per-minute N] [--longest-fault SECONDS] [--agents N]
                  [--width N] [--height N] [--samples N] [--json]\
      """;

  private static final Set<String> KNOWN =
      Set.of(
          "--minutes",
          "--seed",
          "--kills-per-minute",
          "--longest-fault",
          "--agents",
          "--width",
          "--height",
          "--samples");

  ChaosOptions {
    Flags.require(time.isPositive(), "--minutes is more than 0");
    Flags.require(faultsPerMinute > 0 && faultsPerMinute <= 60, "--kills-per-minute is up to 60");
    Flags.require(longestFault.toSeconds() >= 2, "--longest-fault is at least 2");
    Flags.require(agents >= 2 && agents <= 64, "--agents is 2 to 64");
  }

  static ChaosOptions parse(String[] arguments) {
    Flags flags = Flags.parse(arguments, KNOWN);
    int anySeed = new Random().nextInt(1_000_000);
    return new ChaosOptions(
        Duration.ofMillis((long) (flags.decimal("--minutes", 10) * 60_000)),
        (long) flags.decimal("--seed", anySeed),
        flags.decimal("--kills-per-minute", 1),
        Duration.ofSeconds((long) flags.decimal("--longest-fault", 60)),
        (int) flags.decimal("--agents", 4),
        (int) flags.decimal("--width", 384),
        (int) flags.decimal("--height", 216),
        (int) flags.decimal("--samples", 64),
        flags.json());
  }

  /** The command that does the same again. */
  String command() {
    return "bench/chaos --minutes %s --seed %d --kills-per-minute %s --longest-fault %d --agents %d --width %d --height %d --samples %d"
        .formatted(
            decimal(time.toMillis() / 60_000.0),
            seed,
            decimal(faultsPerMinute),
            longestFault.toSeconds(),
            agents,
            width,
            height,
            samples);
  }

  private static String decimal(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }
}
