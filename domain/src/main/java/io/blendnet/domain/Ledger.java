package io.blendnet.domain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * For each tile of a frame: which samples are stored, leased and open. The three are disjoint and
 * their sum is always all samples. A tile may be halved at any time; both halves inherit its
 * samples, and a cell that was leased on the whole tile then covers both.
 *
 * <p>Not thread-safe: it belongs to the farm loop.
 */
public final class Ledger {
  /**
   * The samples of one tile.
   *
   * @param attempts how often samples of this tile have been leased
   */
  public record Entry(Tile tile, SampleSet stored, SampleSet leased, SampleSet open, int attempts) {
    private Entry on(Tile part) {
      return new Entry(part, stored, leased, open, attempts);
    }
  }

  private final FrameSize size;
  private final SampleRange all;
  private final NavigableMap<Tile, Entry> entries = new TreeMap<>();
  private final NavigableMap<Tile, Entry> openEntries = new TreeMap<>();
  private long storedWork;
  private long openWork;

  /** A ledger of one tile, all open. */
  public Ledger(FrameSize size, int samples) {
    this.size = size;
    this.all = new SampleRange(0, samples);
    put(new Entry(size.whole(), SampleSet.EMPTY, SampleSet.EMPTY, SampleSet.of(all), 0));
  }

  public FrameSize size() {
    return size;
  }

  public int samples() {
    return all.end();
  }

  /** Pixel samples of the frame. */
  public long work() {
    return size.area() * all.size();
  }

  public long storedWork() {
    return storedWork;
  }

  public long openWork() {
    return openWork;
  }

  public long leasedWork() {
    return work() - storedWork - openWork;
  }

  public boolean isComplete() {
    return storedWork == work();
  }

  /** All tiles in reading order. */
  public Collection<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /**
   * Leases the next open cell: of the first tile in reading order that has open samples of the
   * range, halved until it holds at most the wanted work.
   *
   * @param within only samples of this range
   * @param wanted pixel samples that the cell should have; it gets between 0.7 and 1.4 times as
   *     many where the frame allows
   * @param smallestSide tiles are not halved below this many pixels a side
   */
  public Optional<Cell> leaseTile(SampleRange within, long wanted, int smallestSide) {
    for (Entry entry : openEntries.values()) {
      Optional<SampleRange> range = firstOpen(entry, within);
      if (range.isPresent()) {
        Tile tile = halvedTo(entry, range.get(), wanted, smallestSide);
        return Optional.of(lease(new Cell(tile, range.get())));
      }
    }
    return Optional.empty();
  }

  /**
   * Leases the next open samples of the first tile that has any, uncut.
   *
   * @param wanted pixel samples that the cell should have; at least one sample of each pixel
   */
  public Optional<Cell> leaseSamples(long wanted) {
    if (openEntries.isEmpty()) {
      return Optional.empty();
    }
    Entry entry = openEntries.firstEntry().getValue();
    SampleRange range = entry.open().first().orElseThrow();
    long count = Math.clamp(wanted / entry.tile().area(), 1, range.size());
    return Optional.of(
        lease(
            new Cell(
                entry.tile(),
                new SampleRange(range.first(), range.first() + Math.toIntExact(count)))));
  }

  /**
   * How often work on a cell has been leased, this lease included.
   *
   * @throws IllegalStateException when no tile of the ledger lies in the cell
   */
  public int attempts(Cell cell) {
    return covered(cell).stream()
        .max(Comparator.comparingInt(Entry::attempts))
        .orElseThrow(() -> new IllegalStateException("No tile lies in " + cell))
        .attempts();
  }

  /** Whether all of a cell is leased. */
  public boolean isLeased(Cell cell) {
    List<Entry> covered = covered(cell);
    return !covered.isEmpty()
        && covered.stream().allMatch(entry -> entry.leased().contains(cell.samples()));
  }

  /** The result of a leased cell is stored. */
  public void store(Cell cell) {
    requireLeased(cell);
    for (Entry entry : covered(cell)) {
      put(
          new Entry(
              entry.tile(),
              entry.stored().plus(cell.samples()),
              entry.leased().minus(cell.samples()),
              entry.open(),
              entry.attempts()));
    }
  }

  /** A lease ended without the cell: it is open again. */
  public void release(Cell cell) {
    requireLeased(cell);
    for (Entry entry : covered(cell)) {
      put(
          new Entry(
              entry.tile(),
              entry.stored(),
              entry.leased().minus(cell.samples()),
              entry.open().plus(cell.samples()),
              entry.attempts()));
    }
  }

  /**
   * Takes over a result that an earlier run stored: tiles are cut along the cell's edges where it
   * cuts through them.
   *
   * @return false, with nothing changed, when part of the cell is stored or leased already
   */
  public boolean restore(Cell cell) {
    List<Entry> touched =
        entries.values().stream().filter(entry -> entry.tile().overlaps(cell.tile())).toList();
    if (!size.whole().contains(cell.tile())
        || touched.stream().anyMatch(entry -> !entry.open().contains(cell.samples()))) {
      return false;
    }
    for (Entry entry : touched) {
      remove(entry);
      for (Tile part : partsAround(entry.tile(), cell.tile())) {
        put(entry.on(part));
      }
      Tile inside = intersection(entry.tile(), cell.tile());
      put(
          new Entry(
              inside,
              entry.stored().plus(cell.samples()),
              entry.leased(),
              entry.open().minus(cell.samples()),
              entry.attempts()));
    }
    return true;
  }

  private Cell lease(Cell cell) {
    for (Entry entry : covered(cell)) {
      put(
          new Entry(
              entry.tile(),
              entry.stored(),
              entry.leased().plus(cell.samples()),
              entry.open().minus(cell.samples()),
              entry.attempts() + 1));
    }
    return cell;
  }

  private Tile halvedTo(Entry whole, SampleRange range, long wanted, int smallestSide) {
    Entry entry = whole;
    while (new Cell(entry.tile(), range).work() * 5 > wanted * 7
        && Math.max(entry.tile().width(), entry.tile().height()) >= 2 * smallestSide) {
      remove(entry);
      for (Tile half : entry.tile().halves()) {
        put(entry.on(half));
      }
      entry = entries.get(entry.tile().halves().getFirst());
      if (entry == null) {
        throw new IllegalStateException("A half of " + whole.tile() + " is missing");
      }
    }
    return entry.tile();
  }

  private static Optional<SampleRange> firstOpen(Entry entry, SampleRange within) {
    return entry.open().ranges().stream()
        .filter(range -> range.overlaps(within))
        .map(range ->
            new SampleRange(
                Math.max(range.first(), within.first()), Math.min(range.end(), within.end())))
        .findFirst();
  }

  private List<Entry> covered(Cell cell) {
    List<Entry> covered = new ArrayList<>();
    // Entries are sorted by row: those above the cell's first row cannot lie in it.
    Tile from = new Tile(0, cell.tile().y(), 1, 1);
    for (Entry entry : entries.tailMap(from, true).values()) {
      if (entry.tile().y() >= cell.tile().bottom()) {
        break;
      }
      if (cell.tile().contains(entry.tile())) {
        covered.add(entry);
      }
    }
    return covered;
  }

  private void requireLeased(Cell cell) {
    if (!isLeased(cell)) {
      throw new IllegalStateException("Not leased: " + cell);
    }
  }

  private void put(Entry entry) {
    Entry before = entries.put(entry.tile(), entry);
    if (before != null) {
      count(before, -1);
    }
    count(entry, 1);
    if (entry.open().isEmpty()) {
      openEntries.remove(entry.tile());
    } else {
      openEntries.put(entry.tile(), entry);
    }
  }

  private void remove(Entry entry) {
    entries.remove(entry.tile());
    openEntries.remove(entry.tile());
    count(entry, -1);
  }

  private void count(Entry entry, int sign) {
    storedWork += sign * entry.tile().area() * entry.stored().count();
    openWork += sign * entry.tile().area() * entry.open().count();
  }

  private static Tile intersection(Tile one, Tile other) {
    int x = Math.max(one.x(), other.x());
    int y = Math.max(one.y(), other.y());
    return new Tile(
        x, y, Math.min(one.right(), other.right()) - x, Math.min(one.bottom(), other.bottom()) - y);
  }

  /** What is left of a tile around another that overlaps it: at most four tiles. */
  private static List<Tile> partsAround(Tile tile, Tile hole) {
    Tile inside = intersection(tile, hole);
    List<Tile> parts = new ArrayList<>();
    if (inside.y() > tile.y()) {
      parts.add(new Tile(tile.x(), tile.y(), tile.width(), inside.y() - tile.y()));
    }
    if (inside.bottom() < tile.bottom()) {
      parts.add(new Tile(tile.x(), inside.bottom(), tile.width(), tile.bottom() - inside.bottom()));
    }
    if (inside.x() > tile.x()) {
      parts.add(new Tile(tile.x(), inside.y(), inside.x() - tile.x(), inside.height()));
    }
    if (inside.right() < tile.right()) {
      parts.add(
          new Tile(inside.right(), inside.y(), tile.right() - inside.right(), inside.height()));
    }
    return parts;
  }
}
