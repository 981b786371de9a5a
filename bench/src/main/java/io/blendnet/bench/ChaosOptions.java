package io.blendnet.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
    require(time.isPositive(), "--minutes is more than 0");
    require(faultsPerMinute > 0 && faultsPerMinute <= 60, "--kills-per-minute is up to 60");
    require(longestFault.toSeconds() >= 2, "--longest-fault is at least 2");
    require(agents >= 2 && agents <= 64, "--agents is 2 to 64");
  }

  private static void require(boolean is, String words) {
    if (!is) {
      throw new IllegalArgumentException(words);
    }
  }

  static ChaosOptions parse(String[] arguments) {
    Map<String, String> flags = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals("--json")) {
        flags.put("--json", "");
      } else if (KNOWN.contains(arguments[i]) && i + 1 < arguments.length) {
        flags.put(arguments[i], arguments[++i]);
      } else {
        throw new IllegalArgumentException("'" + arguments[i] + "' is no flag, or lacks its value");
      }
    }
    int anySeed = new Random().nextInt(1_000_000);
    return new ChaosOptions(
        Duration.ofMillis((long) (number(flags, "--minutes", 10) * 60_000)),
        (long) number(flags, "--seed", anySeed),
        number(flags, "--kills-per-minute", 1),
        Duration.ofSeconds((long) number(flags, "--longest-fault", 60)),
        (int) number(flags, "--agents", 4),
        (int) number(flags, "--width", 384),
        (int) number(flags, "--height", 216),
        (int) number(flags, "--samples", 64),
        flags.containsKey("--json"));
  }

  private static double number(Map<String, String> flags, String name, double standard) {
    String text = flags.get(name);
    try {
      return text == null ? standard : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is a number, not '" + text + "'", e);
    }
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
