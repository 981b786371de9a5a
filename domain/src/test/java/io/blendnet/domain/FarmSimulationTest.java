package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of small farms in trouble. System properties: {@code blendnet.simulation.seed} replays
 * one, {@code blendnet.simulation.seeds} says how many are tried.
 */
class FarmSimulationTest {
  private static final String SEED = "blendnet.simulation.seed";
  private static final String SEEDS = "blendnet.simulation.seeds";
  private static final long USUAL_SEEDS = 3_000;

  private record Failure(long seed, AssertionError error) {}

  @Test
  void aFarmInTroubleKeepsItsBooksAndEndsEveryTask() {
    Optional<Failure> failure =
        seeds()
            .parallel()
            .boxed()
            .flatMap(seed -> failure(seed).stream())
            .min(Comparator.comparingLong(Failure::seed));
    failure.ifPresent(found -> {
      throw new AssertionError(
          """
          The farm failed with seed %d. Replay it with
            ./mvnw -pl domain test -Dtest=FarmSimulationTest -D%s=%d
          %s\
          """
              .formatted(found.seed, SEED, found.seed, found.error.getMessage()),
          found.error);
    });
  }

  @Test
  void aSeedTellsTheSameStoryEachTime() {
    assertThat(story(7)).isEqualTo(story(7)).isNotEqualTo(story(8));
  }

  private static LongStream seeds() {
    return Optional.ofNullable(Long.getLong(SEED))
        .map(LongStream::of)
        .orElseGet(() -> LongStream.range(0, Long.getLong(SEEDS, USUAL_SEEDS)));
  }

  private static Optional<Failure> failure(long seed) {
    try {
      new FarmSimulation(seed).run();
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(new Failure(seed, e));
    }
  }

  private static String story(long seed) {
    FarmSimulation simulation = new FarmSimulation(seed);
    simulation.run();
    return simulation.story();
  }
}
