package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FrameCutTest {
  private static final SceneFacts FIXED = TestingScene.fixed(256, 128, 64);
  private static final SceneFacts ADAPTIVE = TestingScene.adaptive(256, 128, 64);

  @Test
  void aFrameOfFixedSamplingBeginsWithAThinRangeAndGoesOnWithTiles() {
    FrameCut cut = taken(Strategy.AUTO, FIXED);
    assertThat(cut.strategy()).isEqualTo(Strategy.AUTO);
    assertThat(cut.thin()).isEqualTo(4);
    assertThat(cut.overscan()).isZero();
    assertThat(cut.exactPattern()).isFalse();
    assertThat(cut.description()).startsWith("auto: fixed sampling");
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "15, 0", "16, 1", "63, 3", "128, 8", "4096, 8"})
  void theThinRangeIsASixteenthOfTheSamplesAndNeverLong(int samples, int thin) {
    assertThat(taken(Strategy.AUTO, TestingScene.fixed(256, 128, samples)).thin()).isEqualTo(thin);
  }

  @Test
  void noThinRangeWhereSampleRangesWouldNotBeExact() {
    SceneFacts pattern = TestingScene.withPatternThatDependsOnTheRange(FIXED);
    SceneFacts obstacle = TestingScene.withSampleObstacles(FIXED, "Some pass cannot be merged.");
    assertThat(taken(Strategy.AUTO, pattern).thin()).isZero();
    assertThat(taken(Strategy.AUTO, obstacle).thin()).isZero();
    assertThat(taken(Strategy.AUTO, obstacle).strategy()).isEqualTo(Strategy.AUTO);
  }

  @Test
  void adaptiveSamplingIsKeptByTilesWithOverscanAndNoThinRange() {
    for (Strategy strategy : List.of(Strategy.AUTO, Strategy.TILES)) {
      FrameCut cut = taken(strategy, ADAPTIVE);
      assertThat(cut.strategy()).isEqualTo(strategy);
      assertThat(cut.overscan()).isEqualTo(4);
      assertThat(cut.thin()).isZero();
    }
  }

  @Test
  void aSceneThatForbidsTilesIsCutBySamples() {
    FrameCut cut =
        taken(Strategy.AUTO, TestingScene.withTileObstacles(FIXED, "The scene looks beyond."));
    assertThat(cut.strategy()).isEqualTo(Strategy.SAMPLES);
    assertThat(cut.description()).isEqualTo("samples: The scene looks beyond.");
  }

  @Test
  void aSceneThatForbidsTilesAndSamplesIsRenderedWhole() {
    FrameCut cut =
        taken(Strategy.AUTO, TestingScene.withTileObstacles(ADAPTIVE, "The scene looks beyond."));
    assertThat(cut.strategy()).isEqualTo(Strategy.FRAME);
    assertThat(cut.overscan()).isZero();
  }

  @Test
  void aForcedStrategyThatWouldNotBeExactIsRefusedWithTheReasonAndTheWayOut() {
    assertThat(refused(Strategy.SAMPLES, ADAPTIVE))
        .contains("'samples'", "Adaptive sampling is on.", "'auto'");
    assertThat(
            refused(
                Strategy.TILES,
                TestingScene.withTileObstacles(FIXED, "It looks beyond.", "Twice.")))
        .contains("'tiles'", "It looks beyond. Twice.", "'auto'");
  }

  @Test
  void aForcedStrategyIsTakenWhereItIsExact() {
    assertThat(taken(Strategy.TILES, FIXED).thin()).isZero();
    assertThat(taken(Strategy.SAMPLES, FIXED).strategy()).isEqualTo(Strategy.SAMPLES);
    assertThat(taken(Strategy.FRAME, ADAPTIVE).strategy()).isEqualTo(Strategy.FRAME);
  }

  @Test
  void splittingBySamplesReplacesAPatternThatDependsOnTheRange() {
    FrameCut cut = taken(Strategy.SAMPLES, TestingScene.withPatternThatDependsOnTheRange(FIXED));
    assertThat(cut.exactPattern()).isTrue();
    assertThat(cut.reason()).contains("Sobol");
    assertThat(taken(Strategy.SAMPLES, FIXED).exactPattern()).isFalse();
  }

  @Test
  void theThinRangeIsLeasedOverTheWholeFrameBeforeAnyOtherSample() {
    FrameCut cut = taken(Strategy.AUTO, FIXED);
    List<Cell> cells = all(cut, 256 * 128 / 4 * 4L);
    List<Cell> thin =
        cells.stream().filter(cell -> cell.samples().equals(new SampleRange(0, 4))).toList();
    assertThat(cells.subList(0, thin.size())).isEqualTo(thin);
    assertThat(thin.stream().mapToLong(cell -> cell.tile().area()).sum()).isEqualTo(256 * 128);
    assertThat(cells.subList(thin.size(), cells.size()))
        .allMatch(cell -> cell.samples().equals(new SampleRange(4, 64)));
  }

  @Test
  void aThinCellThatWasLostComesBeforeTheRest() {
    FrameCut cut = taken(Strategy.AUTO, FIXED);
    Ledger ledger = new Ledger(cut.size(), cut.samples());
    Cell lost = cut.leaseNext(ledger, 4L * 64 * 64).orElseThrow();
    Cell other = cut.leaseNext(ledger, Long.MAX_VALUE / 8).orElseThrow();
    assertThat(other.tile()).isNotEqualTo(lost.tile());
    ledger.release(lost);
    assertThat(cut.leaseNext(ledger, 4L * 64 * 64)).contains(lost);
  }

  @ParameterizedTest
  @EnumSource
  void everyStrategyLeasesEverySampleOfTheFrameOnce(Strategy strategy) {
    FrameCut cut = taken(strategy, FIXED);
    List<Cell> cells = all(cut, 100_000);
    assertThat(cells.stream().mapToLong(Cell::work).sum()).isEqualTo(256L * 128 * 64);
    for (Cell one : cells) {
      assertThat(cells)
          .filteredOn(
              other -> one.tile().overlaps(other.tile()) && one.samples().overlaps(other.samples()))
          .containsExactly(one);
    }
  }

  @Test
  void aCellOfATileHasAboutTheWantedWork() {
    FrameCut cut = taken(Strategy.TILES, TestingScene.adaptive(1920, 1080, 64));
    assertThat(all(cut, 2_000_000))
        .allMatch(cell -> cell.work() >= 0.68 * 2_000_000 && cell.work() <= 1.4 * 2_000_000);
  }

  @Test
  void tilesAreNotCutIntoCrumbsForASlowAgent() {
    FrameCut cut = taken(Strategy.TILES, ADAPTIVE);
    assertThat(all(cut, 1))
        .hasSize(256 * 128 / (32 * 32))
        .allMatch(cell -> cell.tile().width() == 32 && cell.tile().height() == 32);
  }

  @Test
  void aSampleSplitGivesASlowAgentOneSampleAtLeastAndAFastOneNoMoreThanThereAre() {
    FrameCut cut = taken(Strategy.SAMPLES, FIXED);
    Ledger ledger = new Ledger(cut.size(), cut.samples());
    assertThat(cut.leaseNext(ledger, 1))
        .contains(new Cell(FIXED.size().whole(), new SampleRange(0, 1)));
    assertThat(cut.leaseNext(ledger, Long.MAX_VALUE))
        .contains(new Cell(FIXED.size().whole(), new SampleRange(1, 64)));
    assertThat(cut.leaseNext(ledger, 1)).isEmpty();
  }

  @Test
  void aWholeFrameIsOneCell() {
    assertThat(all(taken(Strategy.FRAME, ADAPTIVE), 1))
        .containsExactly(new Cell(ADAPTIVE.size().whole(), new SampleRange(0, 64)));
  }

  private static List<Cell> all(FrameCut cut, long wanted) {
    Ledger ledger = new Ledger(cut.size(), cut.samples());
    List<Cell> cells = new ArrayList<>();
    for (Optional<Cell> cell = cut.leaseNext(ledger, wanted);
        cell.isPresent();
        cell = cut.leaseNext(ledger, wanted)) {
      cells.add(cell.get());
    }
    assertThat(ledger.openWork()).isZero();
    return cells;
  }

  private static FrameCut taken(Strategy strategy, SceneFacts facts) {
    return switch (FrameCut.decide(strategy, facts)) {
      case FrameCut.Decision.Taken(FrameCut cut) -> cut;
      case FrameCut.Decision.Refused(String reason) -> throw new AssertionError(reason);
    };
  }

  private static String refused(Strategy strategy, SceneFacts facts) {
    return switch (FrameCut.decide(strategy, facts)) {
      case FrameCut.Decision.Taken(FrameCut cut) -> throw new AssertionError("Taken: " + cut);
      case FrameCut.Decision.Refused(String reason) -> reason;
    };
  }
}
