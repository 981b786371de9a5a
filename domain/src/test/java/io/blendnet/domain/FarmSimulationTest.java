package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of small farms in trouble, and some large ones. System properties: {@code
 * blendnet.simulation.seed} replays a small one, {@code blendnet.simulation.large-seed} a large
 * one; {@code blendnet.simulation.seeds} and {@code blendnet.simulation.large-seeds} say how many
 * are tried.
 */
class FarmSimulationTest {
  private static final String SEED = "blendnet.simulation.seed";
  private static final String LARGE_SEED = "blendnet.simulation.large-seed";
  private static final String SEEDS = "blendnet.simulation.seeds";
  private static final String LARGE_SEEDS = "blendnet.simulation.large-seeds";
  private static final long USUAL_SEEDS = 10_000;
  private static final long USUAL_LARGE_SEEDS = 20;

  private record Failure(long seed, AssertionError error) {}

  @Test
  void aFarmInTroubleKeepsItsBooksAndEndsEveryTask() {
    runAll(FarmSimulation.Scale.SMALL, SEED, seeds(SEED, LARGE_SEED, SEEDS, USUAL_SEEDS));
  }

  @Test
  void aFarmOfThousandsKeepsItsBooksAndEndsEveryTask() {
    runAll(
        FarmSimulation.Scale.LARGE,
        LARGE_SEED,
        seeds(LARGE_SEED, SEED, LARGE_SEEDS, USUAL_LARGE_SEEDS));
  }

  @Test
  void aSeedTellsTheSameStoryEachTime() {
    assertThat(story(7)).isEqualTo(story(7)).isNotEqualTo(story(8));
  }

  /** One that is to be replayed, or else the first so many, unless one of the others is. */
  private static LongStream seeds(String replayed, String others, String count, long usual) {
    if (Long.getLong(replayed) != null) {
      return LongStream.of(Long.getLong(replayed));
    }
    return Long.getLong(others) != null
        ? LongStream.empty()
        : LongStream.range(0, Long.getLong(count, usual));
  }

  private static void runAll(FarmSimulation.Scale scale, String property, LongStream seeds) {
    DecisionTimes times = new DecisionTimes();
    Optional<Failure> failure =
        seeds
            .parallel()
            .boxed()
            .flatMap(seed -> failure(seed, scale, times).stream())
            .min(Comparator.comparingLong(Failure::seed));
    failure.ifPresent(found -> {
      throw new AssertionError(
          """
          The farm failed with seed %d. Replay it with
            ./mvnw -pl domain test -Dtest=FarmSimulationTest -D%s=%d
          %s\
          """
              .formatted(found.seed, property, found.seed, found.error.getMessage()),
          found.error);
    });
    System.out.println("A farm of up to %d agents: %s".formatted(scale.agents(), times));
  }

  private static Optional<Failure> failure(
      long seed, FarmSimulation.Scale scale, DecisionTimes times) {
    DecisionTimes own = new DecisionTimes();
    try {
      new FarmSimulation(seed, scale, own).run();
      times.addAll(own);
      return Optional.empty();
    } catch (AssertionError e) {
      return Optional.of(new Failure(seed, e));
    }
  }

  private static String story(long seed) {
    FarmSimulation simulation =
        new FarmSimulation(seed, FarmSimulation.Scale.SMALL, new DecisionTimes());
    simulation.run();
    return simulation.story();
  }
}
