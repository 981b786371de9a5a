package io.blendnet.domain;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Which cells of a frame are leased and which are stored, kept cell by cell and without the
 * ledger's ways, so that the ledger can be held to it: place by place after every change, and all
 * of it now and then.
 */
final class FrameBooks {
  /** What has become of a cell. */
  enum Fate {
    LEASED,
    STORED
  }

  private static final int SQUARE = 64;

  private final FrameSize size;
  private final SampleRange all;
  private final int columns;
  private final Map<Cell, Fate> cells = new LinkedHashMap<>();

  /** For each square of the frame the cells that overlap it. */
  private final List<List<Cell>> squares = new ArrayList<>();

  private long leasedWork;
  private long storedWork;
  private int cellsLeased;

  FrameBooks(FrameCut cut) {
    size = cut.size();
    all = new SampleRange(0, cut.samples());
    columns = Math.ceilDiv(size.width(), SQUARE);
    for (int i = 0; i < columns * Math.ceilDiv(size.height(), SQUARE); i++) {
      squares.add(new ArrayList<>(4));
    }
  }

  long work() {
    return size.area() * all.size();
  }

  long openWork() {
    return work() - leasedWork - storedWork;
  }

  long storedWork() {
    return storedWork;
  }

  int cellsLeased() {
    return cellsLeased;
  }

  int cellsStored() {
    return cells.size() - cellsLeased;
  }

  List<Cell> leased() {
    return cells.entrySet().stream()
        .filter(entry -> entry.getValue() == Fate.LEASED)
        .map(Map.Entry::getKey)
        .toList();
  }

  boolean isLeased(Cell cell) {
    return cells.get(cell) == Fate.LEASED;
  }

  boolean isStored(Cell cell) {
    return cells.get(cell) == Fate.STORED;
  }

  /** Whether nothing of a cell is leased or stored. */
  boolean isOpen(Cell cell) {
    return firstOverlapping(cell).isEmpty();
  }

  private List<Cell> firstOverlapping(Cell cell) {
    for (List<Cell> square : squaresOf(cell.tile())) {
      for (Cell other : square) {
        if (overlap(cell, other)) {
          return List.of(other);
        }
      }
    }
    return List.of();
  }

  private static boolean overlap(Cell one, Cell other) {
    return one.samples().overlaps(other.samples()) && one.tile().overlaps(other.tile());
  }

  /** An open cell is leased or stored from now on. */
  void add(Cell cell, Fate fate) {
    Surprise.unless(
        size.whole().contains(cell.tile()) && all.contains(cell.samples()),
        "A cell lies beyond the frame",
        cell);
    List<Cell> taken = firstOverlapping(cell);
    Surprise.unless(
        taken.isEmpty(),
        "A cell is leased or stored though another one is of its place",
        cell,
        taken,
        taken.stream().map(cells::get).toList());
    cells.put(cell, fate);
    squaresOf(cell.tile()).forEach(square -> square.add(cell));
    count(cell, fate, 1);
  }

  /** A leased cell is stored. */
  void store(Cell cell) {
    Surprise.unless(isLeased(cell), "A cell is stored that is not leased", cell);
    cells.remove(cell);
    cells.put(cell, Fate.STORED);
    count(cell, Fate.LEASED, -1);
    count(cell, Fate.STORED, 1);
  }

  /** A leased or stored cell is open again. */
  void open(Cell cell) {
    Fate fate = cells.remove(cell);
    if (fate == null) {
      throw new AssertionError("A cell is open again that was so all the time: " + cell);
    }
    squaresOf(cell.tile()).forEach(square -> square.remove(cell));
    count(cell, fate, -1);
  }

  private void count(Cell cell, Fate fate, int sign) {
    if (fate == Fate.LEASED) {
      leasedWork += sign * cell.work();
      cellsLeased += sign;
    } else {
      storedWork += sign * cell.work();
    }
  }

  private List<List<Cell>> squaresOf(Tile tile) {
    List<List<Cell>> found = new ArrayList<>();
    for (int row = tile.y() / SQUARE; row <= (tile.bottom() - 1) / SQUARE; row++) {
      for (int column = tile.x() / SQUARE; column <= (tile.right() - 1) / SQUARE; column++) {
        found.add(squares.get(row * columns + column));
      }
    }
    return found;
  }

  /** Holds a ledger to these books where something has changed, and in its sums. */
  void check(Ledger ledger, Collection<Cell> changed) {
    Surprise.unless(storedWork == ledger.storedWork(), "Other work is stored", storedWork, ledger);
    Surprise.unless(leasedWork == ledger.leasedWork(), "Other work is leased", leasedWork, ledger);
    Surprise.unless(openWork() == ledger.openWork(), "Other work is open", openWork(), ledger);
    Tile latest = null;
    for (Cell cell : changed) {
      if (!cell.tile().equals(latest)) {
        latest = cell.tile();
        ledger.entries(latest).forEach(this::check);
      }
    }
  }

  /** Stored, leased and open are all samples, are disjoint, and are what the cells say. */
  private void check(Ledger.Entry entry) {
    SampleSet stored = SampleSet.EMPTY;
    SampleSet leased = SampleSet.EMPTY;
    for (Cell cell : at(entry.tile())) {
      Surprise.unless(
          cell.tile().contains(entry.tile()), "A tile lies in a cell in part only", entry, cell);
      if (cells.get(cell) == Fate.STORED) {
        stored = stored.plus(cell.samples());
      } else {
        leased = leased.plus(cell.samples());
      }
    }
    SampleSet open = SampleSet.of(all);
    for (SampleSet taken : List.of(stored, leased)) {
      for (SampleRange range : taken.ranges()) {
        open = open.minus(range);
      }
    }
    Surprise.unless(entry.stored().equals(stored), "Other samples are stored", entry, stored);
    Surprise.unless(entry.leased().equals(leased), "Other samples are leased", entry, leased);
    Surprise.unless(entry.open().equals(open), "Other samples are open", entry, open);
  }

  private Set<Cell> at(Tile tile) {
    Set<Cell> found = new LinkedHashSet<>();
    for (List<Cell> square : squaresOf(tile)) {
      for (Cell cell : square) {
        if (cell.tile().overlaps(tile)) {
          found.add(cell);
        }
      }
    }
    return found;
  }

  /**
   * Holds a ledger and these books to what they are computed from.
   *
   * @param leased all cells of live leases
   * @param stored all cells that were kept
   */
  void checkFully(Ledger ledger, Collection<Cell> leased, Collection<Cell> stored) {
    Map<Cell, Fate> recomputed = new LinkedHashMap<>();
    leased.forEach(cell -> recomputed.put(cell, Fate.LEASED));
    stored.forEach(cell -> recomputed.put(cell, Fate.STORED));
    Surprise.unless(
        recomputed.size() == leased.size() + stored.size(), "A cell is leased or stored twice");
    Surprise.unless(recomputed.equals(cells), "The books have other cells", recomputed, cells);
    Surprise.unless(leasedWork == work(leased), "Leased work is added up wrong", leasedWork);
    Surprise.unless(storedWork == work(stored), "Stored work is added up wrong", storedWork);
    Surprise.unless(cellsLeased == leased.size(), "Leased cells are counted wrong", cellsLeased);
    checkTheyAreDisjoint(List.copyOf(recomputed.keySet()));
    Collection<Ledger.Entry> entries = ledger.entries();
    checkTheyPartitionTheFrame(entries);
    entries.forEach(this::check);
    check(ledger, List.of());
    Surprise.unless(
        sum(entries, Ledger.Entry::stored) == ledger.storedWork()
            && sum(entries, Ledger.Entry::open) == ledger.openWork()
            && sum(entries, Ledger.Entry::leased) == ledger.leasedWork(),
        "The ledger adds up wrong",
        ledger);
  }

  private static long work(Collection<Cell> cells) {
    return cells.stream().mapToLong(Cell::work).sum();
  }

  private static long sum(
      Collection<Ledger.Entry> entries, Function<Ledger.Entry, SampleSet> samples) {
    return entries.stream()
        .mapToLong(entry -> entry.tile().area() * samples.apply(entry).count())
        .sum();
  }

  private static void checkTheyAreDisjoint(List<Cell> cells) {
    for (int i = 0; i < cells.size(); i++) {
      for (int k = 0; k < i; k++) {
        Surprise.unless(!overlap(cells.get(i), cells.get(k)), "Cells overlap", cells.get(i));
      }
    }
  }

  private void checkTheyPartitionTheFrame(Collection<Ledger.Entry> entries) {
    BitSet pixels = new BitSet(Math.toIntExact(size.area()));
    long area = 0;
    for (Ledger.Entry entry : entries) {
      Tile tile = entry.tile();
      area += tile.area();
      for (int y = tile.y(); y < tile.bottom(); y++) {
        pixels.set(y * size.width() + tile.x(), y * size.width() + tile.right());
      }
    }
    Surprise.unless(
        area == size.area() && pixels.cardinality() == area, "Tiles do not partition the frame");
  }
}
