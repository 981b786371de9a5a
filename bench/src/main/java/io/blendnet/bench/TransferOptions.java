package io.blendnet.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What {@code bench/transfer} is told.
 *
 * @param large bytes of the large file
 * @param files how many small ones
 * @param fileSize bytes of each
 * @param cuts how often the line is cut during one upload of the large file; 0: not tried
 * @param heap MB of memory for Java objects that each of our programs is allowed
 */
record TransferOptions(
    long large, int files, int fileSize, int cuts, long seed, int heap, boolean json) {
  static final String USAGE =
      """
      bench/transfer [--large MB] [--files N] [--file-size KB] [--cuts N] [--seed N] [--heap MB] [--json]\
      """;

  private static final Set<String> KNOWN =
      Set.of("--large", "--files", "--file-size", "--cuts", "--seed", "--heap");

  TransferOptions {
    require(large >= 1_000_000, "--large is at least 1");
    require(files >= 1, "--files is at least 1");
    require(fileSize >= 1_000 && fileSize <= 1_000_000, "--file-size is 1 to 1000");
    require(cuts >= 0, "--cuts is at least 0");
    require(heap >= 64, "--heap is at least 64");
  }

  private static void require(boolean is, String words) {
    if (!is) {
      throw new IllegalArgumentException(words);
    }
  }

  static TransferOptions parse(String[] arguments) {
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
    return new TransferOptions(
        number(flags, "--large", 4_000) * 1_000_000,
        (int) number(flags, "--files", 10_000),
        (int) number(flags, "--file-size", 10) * 1_000,
        (int) number(flags, "--cuts", 50),
        number(flags, "--seed", anySeed),
        (int) number(flags, "--heap", 256),
        flags.containsKey("--json"));
  }

  private static long number(Map<String, String> flags, String name, long standard) {
    String text = flags.get(name);
    try {
      return text == null ? standard : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is a whole number, not '" + text + "'", e);
    }
  }

  /** Bytes of all small files. */
  long many() {
    return (long) files * fileSize;
  }

  /** The command that does the same again. */
  String command() {
    return "bench/transfer --large %d --files %d --file-size %d --cuts %d --seed %d --heap %d"
        .formatted(large / 1_000_000, files, fileSize / 1_000, cuts, seed, heap);
  }
}
