package io.blendnet.bench;

import io.blendnet.domain.Strategy;
import java.util.List;
import java.util.Optional;

/**
 * One scene, rendered whole by one Blender and in parts by us.
 *
 * @param claim what the scene is about
 * @param strategy how it was cut
 * @param cells how many parts it came to; 0: the session refuses to render any
 * @param comparison of both; empty where the session renders no such parts
 * @param refusal why the rules do not allow this cut; empty: they do
 */
record ConformanceRow(
    String scene,
    String claim,
    String blender,
    Strategy strategy,
    int cells,
    Optional<FrameComparison> comparison,
    Optional<String> refusal) {
  /** What is allowed is exact, and what is refused is not: a rule that nothing needs is wrong. */
  boolean holds() {
    boolean exact = comparison.filter(found -> found.different().isEmpty()).isPresent();
    return refusal.isEmpty() ? exact : !exact;
  }

  /** Bit by bit: a cut of tiles has no sums that could round. */
  static boolean isExact(Strategy strategy) {
    return strategy == Strategy.TILES || strategy == Strategy.FRAME;
  }

  /** The channels that differ, in words. */
  String differing() {
    List<String> different = comparison.map(FrameComparison::different).orElse(List.of());
    if (different.isEmpty()) {
      return "none";
    }
    String first = String.join(", ", different.subList(0, Math.min(3, different.size())));
    return different.size() <= 3 ? first : first + " and " + (different.size() - 3) + " more";
  }

  /** One digit: the rest depends on the processor. */
  String difference() {
    return comparison
        .map(FrameComparison::difference)
        .map(most -> most == 0 ? "0" : most.isInfinite() ? "missing" : "%.0e".formatted(most))
        .orElse("");
  }
}
