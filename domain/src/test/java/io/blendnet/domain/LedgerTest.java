package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerTest {
  private static final FrameSize SIZE = new FrameSize(64, 48);
  private static final int SAMPLES = 16;
  private static final SampleRange ALL = new SampleRange(0, SAMPLES);

  private final Ledger ledger = new Ledger(SIZE, SAMPLES);

  @Test
  void aNewLedgerIsOneTileWithAllSamplesOpen() {
    assertThat(ledger.entries())
        .containsExactly(
            new Ledger.Entry(
                SIZE.whole(), SampleSet.EMPTY, SampleSet.EMPTY, SampleSet.of(ALL), 0, 0));
    assertThat(ledger.openWork()).isEqualTo(ledger.work()).isEqualTo(64L * 48 * 16);
    assertThat(ledger.isComplete()).isFalse();
  }

  @Test
  void aLeasedCellIsNotLeasedAgain() {
    Cell first = ledger.leaseTile(ALL, 32 * 48 * 16, 8).orElseThrow();
    Cell second = ledger.leaseTile(ALL, 32 * 48 * 16, 8).orElseThrow();
    assertThat(first.tile()).isEqualTo(new Tile(0, 0, 32, 48));
    assertThat(second.tile()).isEqualTo(new Tile(32, 0, 32, 48));
    assertThat(ledger.leaseTile(ALL, 1, 8)).isEmpty();
    assertThat(ledger.leaseSamples(1)).isEmpty();
  }

  @Test
  void aReleasedCellIsOpenAgainAndItsNextLeaseIsTheSecondAttempt() {
    Cell cell = ledger.leaseTile(ALL, 1, 32).orElseThrow();
    assertThat(ledger.attempts(cell)).isEqualTo(1);
    ledger.release(cell);
    assertThat(ledger.isLeased(cell)).isFalse();
    assertThat(ledger.openWork()).isEqualTo(ledger.work());
    assertThat(ledger.leaseTile(ALL, 1, 32)).contains(cell);
    assertThat(ledger.attempts(cell)).isEqualTo(2);
  }

  @Test
  void whatIsNotLeasedCanBeNeitherStoredNorReleased() {
    Cell cell = ledger.leaseTile(ALL, 1, 32).orElseThrow();
    ledger.store(cell);
    assertThatThrownBy(() -> ledger.store(cell)).hasMessageContaining("Not leased");
    assertThatThrownBy(() -> ledger.release(cell)).hasMessageContaining("Not leased");
    assertThatThrownBy(() -> ledger.store(new Cell(new Tile(1, 1, 2, 2), ALL)))
        .hasMessageContaining("Not leased");
  }

  @Test
  void aCellLeasedOnAWholeTileIsStoredAfterTheTileWasHalvedForTheRest() {
    Cell thin = ledger.leaseTile(new SampleRange(0, 2), Long.MAX_VALUE / 8, 8).orElseThrow();
    Cell rest = ledger.leaseTile(new SampleRange(2, 16), 16 * 48 * 14, 8).orElseThrow();
    assertThat(thin.tile()).isEqualTo(SIZE.whole());
    assertThat(rest.tile().area()).isLessThan(SIZE.area());
    assertThat(ledger.isLeased(thin)).isTrue();
    ledger.store(thin);
    assertThat(ledger.storedWork()).isEqualTo(thin.work());
    assertThat(ledger.isLeased(rest)).isTrue();
  }

  @Test
  void aFastAgentDoesNotGetTheCrumbsThatWereCutForASlowOne() {
    Cell slow = ledger.leaseTile(ALL, 8 * 8 * 16, 4).orElseThrow();
    Cell fast = ledger.leaseTile(ALL, 32 * 48 * 16, 8).orElseThrow();
    Cell slowAgain = ledger.leaseTile(ALL, 8 * 8 * 16, 4).orElseThrow();
    assertThat(slow.work()).isBetween(8 * 8 * 16 * 7 / 10L, 8 * 8 * 16 * 14 / 10L);
    assertThat(fast.work()).isEqualTo(32 * 48 * 16);
    assertThat(slowAgain.tile()).isEqualTo(new Tile(0, 6, 8, 6));
  }

  @Test
  void whereNoTileIsLargeEnoughTheLargestIsLeased() {
    assertThat(ledger.leaseTile(ALL, 16 * 48 * 16, 8)).isPresent();
    assertThat(ledger.leaseTile(ALL, 64 * 48 * 16, 8).orElseThrow().tile())
        .isEqualTo(new Tile(32, 0, 32, 48));
  }

  @Test
  void aStoredResultIsTakenOverOnce() {
    Cell cell = new Cell(new Tile(5, 7, 9, 11), new SampleRange(3, 8));
    assertThat(ledger.restore(cell)).isTrue();
    assertThat(ledger.storedWork()).isEqualTo(cell.work());
    assertThat(ledger.restore(cell)).isFalse();
    assertThat(ledger.storedWork()).isEqualTo(cell.work());
  }

  @Test
  void aStoredResultThatDoesNotFitTheFrameIsNotTakenOver() {
    assertThat(ledger.restore(new Cell(new Tile(60, 0, 5, 1), ALL))).isFalse();
    assertThat(ledger.restore(new Cell(new Tile(0, 0, 5, 1), new SampleRange(0, 17)))).isFalse();
    assertThat(ledger.entries()).hasSize(1);
    assertThat(ledger.openWork()).isEqualTo(ledger.work());
  }

  @Test
  void aFrameIsCompleteWhenCellsOfDifferentCutsCoverItTogether() {
    assertThat(ledger.restore(new Cell(SIZE.whole(), new SampleRange(0, 4)))).isTrue();
    assertThat(ledger.restore(new Cell(new Tile(0, 0, 20, 48), new SampleRange(4, 16)))).isTrue();
    assertThat(ledger.restore(new Cell(new Tile(20, 0, 44, 30), new SampleRange(4, 16)))).isTrue();
    assertThat(ledger.isComplete()).isFalse();
    assertThat(ledger.restore(new Cell(new Tile(20, 30, 44, 18), new SampleRange(4, 16)))).isTrue();
    assertThat(ledger.isComplete()).isTrue();
    assertThat(ledger.leaseTile(ALL, 1, 1)).isEmpty();
  }

  @Test
  void aBadCellIsOpenAgainAndWhatIsStoredBesideItStays() {
    Cell thin = new Cell(SIZE.whole(), new SampleRange(0, 4));
    Cell left = new Cell(new Tile(0, 0, 32, 48), new SampleRange(4, 16));
    Cell right = new Cell(new Tile(32, 0, 32, 48), new SampleRange(4, 16));
    List.of(thin, left, right).forEach(ledger::restore);
    assertThat(ledger.discard(left)).isTrue();
    assertThat(ledger.openWork()).isEqualTo(left.work());
    assertThat(ledger.storedWork()).isEqualTo(thin.work() + right.work());
    assertThat(ledger.leaseTile(ALL, Long.MAX_VALUE / 8, 8)).contains(left);
    assertThat(ledger.discard(left)).as("nothing of it is stored").isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void storedLeasedAndOpenAreAlwaysAllSamplesOfEveryPixel(long seed) {
    Random random = new Random(seed);
    PixelLedger pixels = new PixelLedger();
    List<Cell> leased = new ArrayList<>();
    List<Cell> stored = new ArrayList<>();
    for (int round = 0; round < 400; round++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 ->
            ledger
                .leaseTile(range(random), 1 + random.nextInt(64 * 48 * 4), 1 + random.nextInt(20))
                .ifPresent(cell -> {
                  pixels.move(cell, PixelLedger.OPEN, PixelLedger.LEASED);
                  leased.add(cell);
                });
        case 3 ->
            ledger
                .leaseSamples(1 + random.nextInt(64 * 48 * 4))
                .ifPresent(cell -> {
                  pixels.move(cell, PixelLedger.OPEN, PixelLedger.LEASED);
                  leased.add(cell);
                });
        case 4 -> {
          if (!leased.isEmpty()) {
            Cell cell = leased.remove(random.nextInt(leased.size()));
            ledger.store(cell);
            pixels.move(cell, PixelLedger.LEASED, PixelLedger.STORED);
            stored.add(cell);
          }
        }
        case 5 -> {
          if (!leased.isEmpty()) {
            Cell cell = leased.remove(random.nextInt(leased.size()));
            ledger.release(cell);
            pixels.move(cell, PixelLedger.LEASED, PixelLedger.OPEN);
          }
        }
        case 6 -> {
          Cell cell = new Cell(tile(random), range(random));
          boolean isOpen = pixels.isAll(cell, PixelLedger.OPEN);
          assertThat(ledger.restore(cell)).as("restore %s", cell).isEqualTo(isOpen);
          if (isOpen) {
            pixels.move(cell, PixelLedger.OPEN, PixelLedger.STORED);
            stored.add(cell);
          }
        }
        default -> {
          if (!stored.isEmpty() && random.nextBoolean()) {
            Cell cell = stored.remove(random.nextInt(stored.size()));
            assertThat(ledger.discard(cell)).isTrue();
            pixels.move(cell, PixelLedger.STORED, PixelLedger.OPEN);
          }
        }
      }
      pixels.assertEqualTo(ledger);
      assertThat(leased).allMatch(ledger::isLeased);
    }
    assertThat(stored).as("the test did something").isNotEmpty();
  }

  @Test
  void aLedgerThatIsRestoredFromItsCellsIsTheSame() {
    List<Cell> cells = new ArrayList<>();
    Random random = new Random(9);
    for (int i = 0; i < 12; i++) {
      ledger.leaseTile(range(random), 64 * 48 * 2, 8).ifPresent(cells::add);
    }
    assertThat(cells).hasSizeGreaterThan(6);
    cells.forEach(ledger::store);
    Ledger again = new Ledger(SIZE, SAMPLES);
    assertThat(cells).allMatch(again::restore);
    assertThat(again.storedWork()).isEqualTo(ledger.storedWork());
    PixelLedger pixels = new PixelLedger();
    cells.forEach(cell -> pixels.move(cell, PixelLedger.OPEN, PixelLedger.STORED));
    pixels.assertEqualTo(again);
    pixels.assertEqualTo(ledger);
  }

  private static SampleRange range(Random random) {
    int first = random.nextInt(SAMPLES);
    return new SampleRange(first, first + 1 + random.nextInt(SAMPLES - first));
  }

  private static Tile tile(Random random) {
    int x = random.nextInt(64);
    int y = random.nextInt(48);
    return new Tile(x, y, 1 + random.nextInt(64 - x), 1 + random.nextInt(48 - y));
  }

  /** The ledger in its plainest form: one mark for each sample of each pixel. */
  private static final class PixelLedger {
    static final byte OPEN = 0;
    static final byte LEASED = 1;
    static final byte STORED = 2;

    private final byte[][][] marks = new byte[SIZE.height()][SIZE.width()][SAMPLES];

    boolean isAll(Cell cell, byte mark) {
      Tile tile = cell.tile();
      for (int y = tile.y(); y < tile.bottom(); y++) {
        for (int x = tile.x(); x < tile.right(); x++) {
          for (int sample = cell.samples().first(); sample < cell.samples().end(); sample++) {
            if (marks[y][x][sample] != mark) {
              return false;
            }
          }
        }
      }
      return true;
    }

    void move(Cell cell, byte from, byte to) {
      assertThat(isAll(cell, from)).as("all of %s is marked %d", cell, from).isTrue();
      Tile tile = cell.tile();
      for (int y = tile.y(); y < tile.bottom(); y++) {
        for (int x = tile.x(); x < tile.right(); x++) {
          for (int sample = cell.samples().first(); sample < cell.samples().end(); sample++) {
            marks[y][x][sample] = to;
          }
        }
      }
    }

    void assertEqualTo(Ledger ledger) {
      Map<Byte, Long> work = new HashMap<>();
      long area = 0;
      for (Ledger.Entry entry : ledger.entries()) {
        area += entry.tile().area();
        count(entry.tile(), entry.open(), OPEN, work);
        count(entry.tile(), entry.leased(), LEASED, work);
        count(entry.tile(), entry.stored(), STORED, work);
        assertThat(entry.open().count() + entry.leased().count() + entry.stored().count())
            .as("samples of %s", entry)
            .isEqualTo(SAMPLES);
      }
      assertThat(area).as("tiles partition the frame").isEqualTo(SIZE.area());
      assertThat(ledger.entries())
          .allMatch(one ->
              ledger.entries().stream().filter(other -> one.tile().overlaps(other.tile())).count()
                  == 1);
      assertThat(ledger.openWork()).isEqualTo(work.getOrDefault(OPEN, 0L));
      assertThat(ledger.leasedWork()).isEqualTo(work.getOrDefault(LEASED, 0L));
      assertThat(ledger.storedWork()).isEqualTo(work.getOrDefault(STORED, 0L));
      assertThat(ledger.isComplete()).isEqualTo(ledger.storedWork() == ledger.work());
    }

    private void count(Tile tile, SampleSet set, byte mark, Map<Byte, Long> work) {
      for (SampleRange range : set.ranges()) {
        Cell cell = new Cell(tile, range);
        assertThat(isAll(cell, mark)).as("all of %s is marked %d", cell, mark).isTrue();
        work.merge(mark, cell.work(), Long::sum);
      }
    }
  }
}
