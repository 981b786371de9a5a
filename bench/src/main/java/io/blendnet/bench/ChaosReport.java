package io.blendnet.bench;

import io.blendnet.protocol.WireJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What came of it.
 *
 * <p>Work is counted in pixel samples. Every cell that a Blender was told to render is known (see
 * {@link BegunCells}), and every cell that is stored; a cell was begun in vain as often as it was
 * begun without being stored from that. It counts as a whole, however far it was rendered, so that
 * the share is never too small.
 *
 * @param faults how often each kind happened
 * @param workAsked pixel samples of all frames
 * @param workInVain of cells that were begun and not stored
 * @param inVain of that, the share of the work asked by the kind of fault before it
 * @param farmRecovery from each fault's beginning to the next stored cell of any agent
 * @param machineRecovery from each fault's end to the next stored cell of the agent that it
 *     happened to
 * @param difference the largest from an undisturbed frame
 * @param wrong what must not be; empty when all is right
 */
record ChaosReport(
    String command,
    Map<String, Long> faults,
    int frames,
    int framesCompleted,
    int cellsBegun,
    int cellsStored,
    long workAsked,
    long workInVain,
    Map<String, Double> inVain,
    Spread farmRecovery,
    Spread machineRecovery,
    double difference,
    List<String> wrong) {
  private static final double AIM = 0.02;
  private static final String NO_FAULT = "without a fault";

  /** A fault is known to us a moment after it began to work. */
  private static final Duration MOMENT = Duration.ofSeconds(1);

  /**
   * How long something took.
   *
   * @param count how often; 0: the others say nothing
   */
  record Spread(int count, Duration median, Duration percentile99, Duration most) {
    static Spread of(List<Duration> durations) {
      if (durations.isEmpty()) {
        return new Spread(0, Duration.ZERO, Duration.ZERO, Duration.ZERO);
      }
      List<Duration> sorted = durations.stream().sorted().toList();
      return new Spread(sorted.size(), at(sorted, 0.50), at(sorted, 0.99), sorted.getLast());
    }

    private static Duration at(List<Duration> sorted, double share) {
      return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }

    String text() {
      return count == 0
          ? "not seen"
          : "p50 %6.2f s   p99 %6.2f s   max %6.2f s   (%d seen)"
              .formatted(
                  Commands.seconds(median),
                  Commands.seconds(percentile99),
                  Commands.seconds(most),
                  count);
    }
  }

  static ChaosReport of(
      ChaosOptions options,
      List<ChaosFrame> frames,
      List<SufferedFault> faults,
      List<BegunCells.Begun> all,
      double difference,
      List<String> wrong) {
    Map<Integer, ChaosFrame> byNumber =
        frames.stream().collect(Collectors.toMap(ChaosFrame::number, frame -> frame));
    List<BegunCells.Begun> begun =
        all.stream().filter(cell -> byNumber.containsKey(cell.frame())).toList();
    List<BegunCells.Begun> vain = inVain(begun, frames);
    long asked = frames.stream().mapToLong(ChaosFrame::work).sum();
    List<ChaosFrame.Stored> stored =
        frames.stream().flatMap(frame -> frame.stored().stream()).toList();
    return new ChaosReport(
        options.command(),
        faults.stream()
            .collect(
                Collectors.groupingBy(
                    fault -> fault.kind().words(), TreeMap::new, Collectors.counting())),
        frames.size(),
        (int) frames.stream().filter(ChaosFrame::isCompleted).count(),
        begun.size(),
        stored.size(),
        asked,
        vain.stream().mapToLong(cell -> cell.cell().work()).sum(),
        vain.stream()
            .collect(
                Collectors.groupingBy(
                    cell -> cause(cell, faults),
                    TreeMap::new,
                    Collectors.summingDouble(cell -> (double) cell.cell().work() / asked))),
        Spread.of(
            faults.stream()
                .flatMap(fault -> next(stored, fault.begin(), _ -> true).stream())
                .toList()),
        Spread.of(
            faults.stream()
                .filter(fault -> !fault.kind().isOfManager())
                .flatMap(fault ->
                    next(stored, fault.end(), cell -> cell.agent().equals(fault.victim())).stream())
                .toList()),
        difference,
        wrong);
  }

  private static List<BegunCells.Begun> inVain(
      List<BegunCells.Begun> begun, List<ChaosFrame> frames) {
    record Key(String agent, int frame, io.blendnet.domain.Cell cell) {}
    var open = new ArrayList<Key>();
    for (ChaosFrame frame : frames) {
      for (ChaosFrame.Stored stored : frame.stored()) {
        open.add(new Key(stored.agent(), frame.number(), stored.cell()));
      }
    }
    var vain = new ArrayList<BegunCells.Begun>();
    // What is stored came of the last time that it was begun.
    for (BegunCells.Begun cell :
        begun.stream().sorted(Comparator.comparing(BegunCells.Begun::seen).reversed()).toList()) {
      if (!open.remove(new Key(cell.agent(), cell.frame(), cell.cell()))) {
        vain.add(cell);
      }
    }
    return vain;
  }

  private static String cause(BegunCells.Begun cell, List<SufferedFault> faults) {
    return faults.stream()
        .filter(fault -> fault.kind().isOfManager() || fault.victim().equals(cell.agent()))
        .filter(fault -> fault.end().plus(MOMENT).isAfter(cell.seen()))
        .min(Comparator.comparing(SufferedFault::begin))
        .map(fault -> fault.kind().words())
        .orElse(NO_FAULT);
  }

  private static Optional<Duration> next(
      List<ChaosFrame.Stored> stored, Instant from, Predicate<ChaosFrame.Stored> whose) {
    return stored.stream()
        .filter(whose)
        .map(ChaosFrame.Stored::seen)
        .filter(seen -> !seen.isBefore(from))
        .min(Comparator.naturalOrder())
        .map(seen -> Duration.between(from, seen));
  }

  private double share() {
    return workAsked == 0 ? 0 : (double) workInVain / workAsked;
  }

  String json() {
    return new String(WireJson.write(this), StandardCharsets.UTF_8);
  }

  String text() {
    var text = new StringBuilder();
    faults.forEach((kind, count) -> text.append("  %-28s %4d%n".formatted(kind, count)));
    text.append(
        "frames complete              %4d of %d, largest difference %.1e%n"
            .formatted(framesCompleted, frames, difference));
    text.append("cells begun                  %4d, stored %d%n".formatted(cellsBegun, cellsStored));
    text.append(
        "rendered in vain           %6.2f %%   (aim: below %.0f %% at one fault a minute)%n"
            .formatted(100 * share(), 100 * AIM));
    inVain.forEach((kind, share) -> text.append("  %-28s %5.2f %%%n".formatted(kind, 100 * share)));
    text.append("fault to the farm's next stored cell             ")
        .append(farmRecovery.text())
        .append('\n');
    text.append("end of the fault to that agent's next stored one ")
        .append(machineRecovery.text())
        .append('\n');
    if (wrong.isEmpty()) {
      text.append("left behind: no process, no file");
    } else {
      text.append("WRONG:\n");
      wrong.forEach(line -> text.append("  ").append(line).append('\n'));
      text.append("Once more: ").append(command);
    }
    return text.toString();
  }
}
