package io.blendnet.domain;

import java.util.List;
import java.util.Optional;

/**
 * How one frame is cut into cells, decided once when the scene's facts are known.
 *
 * @param strategy what is done: never {@link Strategy#AUTO} without tiles
 * @param samples samples a pixel
 * @param thin length of the first sample range that is rendered over the whole frame before the
 *     rest; 0: none
 * @param overscan pixels around each tile that are rendered with it and cut away
 * @param exactPattern whether the scene's sampling pattern is replaced by one that does not depend
 *     on a range's length
 * @param reason why this strategy was taken, a sentence for the user
 */
public record FrameCut(
    Strategy strategy,
    FrameSize size,
    int samples,
    int thin,
    int overscan,
    boolean exactPattern,
    String reason) {
  /**
   * Adaptive sampling decides by a pixel's neighbourhood; with 4 pixels around a tile no pixel of
   * it differs from the whole frame's (measured: blender-facts, "Splitting by tiles").
   */
  static final int ADAPTIVE_OVERSCAN = 4;

  /** Tiles are not halved below this many pixels a side: slow scenes are probed with such. */
  private static final int SMALLEST_SIDE = 32;

  /** Tiles are as large as keeps what is rendered around them below this share of them. */
  private static final double OVERSCAN_SHARE = 0.10;

  /** Below this many samples a frame is done before a thin range would have been of use. */
  private static final int FEWEST_SAMPLES_FOR_THIN_RANGE = 16;

  private static final int LONGEST_THIN_RANGE = 8;

  /** A frame's cut, or why the strategy that the user forced cannot give the exact picture. */
  public sealed interface Decision {
    record Taken(FrameCut cut) implements Decision {}

    record Refused(String reason) implements Decision {}
  }

  public static Decision decide(Strategy wanted, SceneFacts facts) {
    return switch (wanted) {
      case AUTO -> new Decision.Taken(automatic(facts));
      case TILES ->
          obstacle("tiles", facts.tileObstacles())
              .orElseGet(() -> new Decision.Taken(tiles(facts, Strategy.TILES, 0, "as asked")));
      case SAMPLES ->
          obstacle("samples", facts.sampleObstacles())
              .orElseGet(() -> new Decision.Taken(samples(facts, "as asked")));
      case FRAME -> new Decision.Taken(frame(facts, "as asked"));
    };
  }

  private static Optional<Decision> obstacle(String strategy, List<String> obstacles) {
    if (obstacles.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Decision.Refused(
            "The strategy '%s' would not give the exact picture: %s Take the strategy 'auto' instead."
                .formatted(strategy, String.join(" ", obstacles))));
  }

  private static FrameCut automatic(SceneFacts facts) {
    if (facts.tileObstacles().isEmpty()) {
      if (facts.adaptive()) {
        return tiles(facts, Strategy.AUTO, 0, "tiles keep adaptive sampling");
      }
      int thin = thinRange(facts);
      return tiles(
          facts,
          Strategy.AUTO,
          thin,
          thin > 0
              ? "fixed sampling: a first thin sample range over the whole frame, then tiles"
              : "tiles are exact for this scene");
    }
    if (facts.sampleObstacles().isEmpty()) {
      return samples(facts, String.join(" ", facts.tileObstacles()));
    }
    return frame(facts, facts.tileObstacles().getFirst());
  }

  private static int thinRange(SceneFacts facts) {
    if (!facts.sampleObstacles().isEmpty()
        || facts.patternDependsOnRange()
        || facts.samples() < FEWEST_SAMPLES_FOR_THIN_RANGE) {
      return 0;
    }
    return Math.clamp(facts.samples() / 16, 1, LONGEST_THIN_RANGE);
  }

  private static FrameCut tiles(SceneFacts facts, Strategy strategy, int thin, String reason) {
    int overscan = facts.adaptive() ? ADAPTIVE_OVERSCAN : 0;
    return new FrameCut(strategy, facts.size(), facts.samples(), thin, overscan, false, reason);
  }

  private static FrameCut samples(SceneFacts facts, String reason) {
    boolean exactPattern = facts.patternDependsOnRange();
    return new FrameCut(
        Strategy.SAMPLES,
        facts.size(),
        facts.samples(),
        0,
        0,
        exactPattern,
        exactPattern
            ? reason + "; the sampling pattern is Sobol, the scene's own would not stay exact"
            : reason);
  }

  private static FrameCut frame(SceneFacts facts, String reason) {
    return new FrameCut(Strategy.FRAME, facts.size(), facts.samples(), 0, 0, false, reason);
  }

  /** The strategy in a user's words. */
  public String description() {
    return strategy.label() + ": " + reason;
  }

  /** What is rendered for a cell: its own tile and the overscan around it. */
  public Tile rendered(Cell cell) {
    return cell.tile().grown(overscan, size);
  }

  /** Pixel samples that are rendered for a cell: its own and those around it. */
  public long renderedWork(Cell cell) {
    return rendered(cell).area() * cell.samples().size();
  }

  /** Pixel samples of a cell below which overscan costs more than it should; 0: none does. */
  long economicalWork() {
    // (side + 2 overscan)^2 = (1 + share) side^2
    double side = 2 * overscan / (Math.sqrt(1 + OVERSCAN_SHARE) - 1);
    return (long) (side * side * samples);
  }

  /**
   * Leases the next cell.
   *
   * @param wanted pixel samples that the cell should have
   */
  Optional<Cell> leaseNext(Ledger ledger, long wanted) {
    return switch (strategy) {
      case AUTO, TILES -> {
        SampleRange all = new SampleRange(0, samples);
        if (thin == 0) {
          yield ledger.leaseTile(all, wanted, SMALLEST_SIDE);
        }
        yield ledger
            .leaseTile(new SampleRange(0, thin), wanted, SMALLEST_SIDE)
            .or(() -> ledger.leaseTile(new SampleRange(thin, samples), wanted, SMALLEST_SIDE));
      }
      case SAMPLES -> ledger.leaseSamples(wanted);
      case FRAME -> ledger.leaseSamples(Long.MAX_VALUE);
    };
  }
}
