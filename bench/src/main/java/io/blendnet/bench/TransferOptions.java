package io.blendnet.bench;

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
    Flags.require(large >= 1_000_000, "--large is at least 1");
    Flags.require(files >= 1, "--files is at least 1");
    Flags.require(fileSize >= 1_000 && fileSize <= 1_000_000, "--file-size is 1 to 1000");
    Flags.require(cuts >= 0, "--cuts is at least 0");
    Flags.require(heap >= 64, "--heap is at least 64");
  }

  static TransferOptions parse(String[] arguments) {
    Flags flags = Flags.parse(arguments, KNOWN);
    int anySeed = new Random().nextInt(1_000_000);
    return new TransferOptions(
        flags.whole("--large", 4_000) * 1_000_000,
        (int) flags.whole("--files", 10_000),
        (int) flags.whole("--file-size", 10) * 1_000,
        (int) flags.whole("--cuts", 50),
        flags.whole("--seed", anySeed),
        (int) flags.whole("--heap", 256),
        flags.json());
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
