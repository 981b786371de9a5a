package io.blendnet.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The cells that a cut comes to, as the scheduler leases them. */
public final class CutCells {
  /** Shares of the frame's work; uneven, as agents of different speed would get them. */
  private static final List<Double> SHARES = List.of(0.16, 0.4, 0.22);

  private CutCells() {}

  /**
   * All cells of a frame.
   *
   * @throws IllegalStateException the scheduler left something of it
   */
  public static List<Cell> of(FrameCut cut) {
    var ledger = new Ledger(cut.size(), cut.samples());
    var cells = new ArrayList<Cell>();
    while (true) {
      double share = SHARES.get(cells.size() % SHARES.size());
      Optional<Cell> next = cut.leaseNext(ledger, Math.round(ledger.work() * share));
      if (next.isEmpty()) {
        break;
      }
      cells.add(next.get());
      ledger.store(next.get());
    }
    if (!ledger.isComplete()) {
      throw new IllegalStateException("The cells " + cells + " are not the whole frame");
    }
    return cells;
  }

  /** A cut that the rules may refuse: what it would give is to be seen. */
  public static FrameCut anyway(Strategy strategy, SceneFacts facts) {
    return switch (FrameCut.decide(strategy, facts)) {
      case FrameCut.Decision.Taken taken -> taken.cut();
      case FrameCut.Decision.Refused _ ->
          new FrameCut(
              strategy,
              facts.size(),
              facts.samples(),
              0,
              strategy == Strategy.TILES && facts.adaptive() ? FrameCut.ADAPTIVE_OVERSCAN : 0,
              strategy == Strategy.SAMPLES && facts.patternDependsOnRange(),
              "to see what it would give");
    };
  }
}
