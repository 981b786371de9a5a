package io.blendnet.domain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

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

    private int firstOpen() {
      return open.ranges().getFirst().first();
    }
  }

  /** Early samples first, so that what is missing of a thin range comes before all else. */
  private static final Comparator<Entry> NEXT_FIRST =
      Comparator.comparingInt(Entry::firstOpen).thenComparing(Entry::tile);

  private final FrameSize size;
  private final SampleRange all;
  private final NavigableMap<Tile, Entry> entries = new TreeMap<>();
  private final NavigableSet<Entry> openEntries = new TreeSet<>(NEXT_FIRST);
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
   * Leases the next open cell: of the tile whose open samples are the earliest, in reading order,
   * halved until it holds at most the wanted work.
   *
   * @param within only samples of this range
   * @param wanted pixel samples that the cell should have; it gets between 0.7 and 1.4 times as
   *     many where the frame allows
   * @param smallestSide tiles are not halved below this many pixels a side
   */
  public Optional<Cell> leaseTile(SampleRange within, long wanted, int smallestSide) {
    for (Entry entry : openEntries) {
      if (entry.firstOpen() >= within.end()) {
        break;
      }
      Optional<SampleRange> range = entry.open().within(within).first();
      if (range.isPresent()) {
        Tile tile = halvedTo(entry, range.get(), wanted, smallestSide);
        return Optional.of(lease(new Cell(tile, range.get())));
      }
    }
    return Optional.empty();
  }

  /**
   * Leases the earliest open samples of a tile, uncut.
   *
   * @param wanted pixel samples that the cell should have; at least one sample of each pixel
   */
  public Optional<Cell> leaseSamples(long wanted) {
    if (openEntries.isEmpty()) {
      return Optional.empty();
    }
    Entry entry = openEntries.first();
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
    List<Entry> touched = touchedBy(cell.tile());
    if (!size.whole().contains(cell.tile())
        || touched.stream().anyMatch(entry -> !entry.open().contains(cell.samples()))) {
      return false;
    }
    for (Entry entry : touched) {
      Entry inside = cutOut(entry, cell.tile());
      put(
          new Entry(
              inside.tile(),
              inside.stored().plus(cell.samples()),
              inside.leased(),
              inside.open().minus(cell.samples()),
              inside.attempts()));
    }
    return true;
  }

  /**
   * A stored result proved bad: what of it is stored is open again, and nothing else changes.
   *
   * @return whether any of it was stored
   */
  public boolean discard(Cell cell) {
    boolean discarded = false;
    for (Entry entry : touchedBy(cell.tile())) {
      SampleSet lost = entry.stored().within(cell.samples());
      if (lost.isEmpty()) {
        continue;
      }
      discarded = true;
      Entry inside = cutOut(entry, cell.tile());
      SampleSet open = inside.open();
      for (SampleRange range : lost.ranges()) {
        open = open.plus(range);
      }
      put(
          new Entry(
              inside.tile(),
              inside.stored().minus(cell.samples()),
              inside.leased(),
              open,
              inside.attempts()));
    }
    return discarded;
  }

  private List<Entry> touchedBy(Tile tile) {
    return entries.values().stream().filter(entry -> entry.tile().overlaps(tile)).toList();
  }

  /** Cuts an entry along another tile's edges; what lies inside of both is returned. */
  private Entry cutOut(Entry entry, Tile tile) {
    if (tile.contains(entry.tile())) {
      return entry;
    }
    remove(entry);
    for (Tile part : partsAround(entry.tile(), tile)) {
      put(entry.on(part));
    }
    Entry inside = entry.on(intersection(entry.tile(), tile));
    put(inside);
    return inside;
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
      forget(before);
    }
    count(entry, 1);
    if (!entry.open().isEmpty()) {
      openEntries.add(entry);
    }
  }

  private void remove(Entry entry) {
    entries.remove(entry.tile());
    forget(entry);
  }

  private void forget(Entry entry) {
    count(entry, -1);
    if (!entry.open().isEmpty()) {
      openEntries.remove(entry);
    }
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
