package io.blendnet.bench;

import io.blendnet.protocol.WireJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What was measured.
 *
 * @param load what else the machine had to do: programs that wanted a core, this one included
 * @param runs in the order in which they were
 * @param peaks the most memory of each program, in bytes
 * @param wrong what must not be; empty when all is right
 */
record TransferReport(
    String command,
    int cores,
    double load,
    List<Run> runs,
    Map<String, Long> peaks,
    List<Ratio> ratios,
    List<Aim> aims,
    List<String> wrong) {

  /**
   * Bytes that got from one program to another.
   *
   * @param bytes that arrived
   */
  record Run(String what, long bytes, double seconds) {
    /** MB a second. */
    double rate() {
      return bytes / 1e6 / seconds;
    }
  }

  /** How fast ours is, with the other as 1. */
  record Ratio(String what, double value) {
    static Ratio of(String what, Run ours, Run other) {
      return new Ratio(what, ours.rate() / other.rate());
    }
  }

  /** What is to be reached. */
  record Aim(String what, String found, boolean holds) {}

  TransferReport {
    runs = List.copyOf(runs);
    ratios = List.copyOf(ratios);
    aims = List.copyOf(aims);
    wrong = List.copyOf(wrong);
  }

  String json() {
    return new String(WireJson.write(this), StandardCharsets.UTF_8);
  }

  String text() {
    List<String> lines = new ArrayList<>();
    lines.add("%d cores, load %.1f".formatted(cores, load));
    for (Run run : runs) {
      lines.add(
          "%-62s %8.1f MB in %7.2f s  %7.1f MB/s"
              .formatted(run.what, run.bytes / 1e6, run.seconds, run.rate()));
    }
    for (Ratio ratio : ratios) {
      lines.add("%-62s %8.2f times as fast".formatted(ratio.what, ratio.value));
    }
    peaks.forEach((program, bytes) ->
        lines.add("most memory of %-47s %8.1f MB".formatted(program, bytes / 1e6)));
    for (Aim aim : aims) {
      lines.add("%-6s  %-62s  %s".formatted(aim.holds ? "holds" : "MISSED", aim.what, aim.found));
    }
    wrong.forEach(what -> lines.add("WRONG: " + what));
    return String.join(System.lineSeparator(), lines);
  }
}
