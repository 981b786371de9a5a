package io.blendnet.domain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

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
   * @param losses how often, since samples of it were last stored, an agent that was rendering some
   *     did not get done with them
   */
  public record Entry(
      Tile tile, SampleSet stored, SampleSet leased, SampleSet open, int attempts, int losses) {
    private Entry on(Tile part) {
      return new Entry(part, stored, leased, open, attempts, losses);
    }

    private Entry lease(SampleRange range) {
      return new Entry(tile, stored, leased.plus(range), open.minus(range), attempts + 1, losses);
    }

    private Entry storeLeased(SampleRange range) {
      return new Entry(tile, stored.plus(range), leased.minus(range), open, attempts, 0);
    }

    private Entry storeOpen(SampleRange range) {
      return new Entry(tile, stored.plus(range), leased, open.minus(range), attempts, 0);
    }

    private Entry release(SampleRange range, int lost) {
      return new Entry(
          tile, stored, leased.minus(range), open.plus(range), attempts, losses + lost);
    }

    private Entry reopen(SampleSet lost) {
      SampleSet left = stored;
      SampleSet more = open;
      for (SampleRange range : lost.ranges()) {
        left = left.minus(range);
        more = more.plus(range);
      }
      return new Entry(tile, left, leased, more, attempts, losses);
    }
  }

  /**
   * Order in which open samples are leased: early ones first, so that what is missing of a thin
   * range comes before all else; then small tiles, so that the smallest that is large enough is
   * found at once; then reading order.
   */
  private record OpenKey(int firstSample, long area, Tile tile) implements Comparable<OpenKey> {
    private static final Comparator<OpenKey> ORDER =
        Comparator.comparingInt(OpenKey::firstSample)
            .thenComparingLong(OpenKey::area)
            .thenComparing(OpenKey::tile);

    /** Before all tiles with open samples from this one on and at least this area. */
    private static OpenKey before(int firstSample, long area) {
      return new OpenKey(firstSample, area, new Tile(0, 0, 1, 1));
    }

    private static OpenKey of(Entry entry) {
      return new OpenKey(
          entry.open().ranges().getFirst().first(), entry.tile().area(), entry.tile());
    }

    @Override
    public int compareTo(OpenKey other) {
      return ORDER.compare(this, other);
    }
  }

  private final FrameSize size;
  private final SampleRange all;
  private final NavigableMap<Tile, Entry> entries = new TreeMap<>();
  private final NavigableMap<OpenKey, Entry> openEntries = new TreeMap<>();
  private final TileIndex index;
  private long storedWork;
  private long openWork;

  /** A ledger of one tile, all open. */
  public Ledger(FrameSize size, int samples) {
    this.size = size;
    this.all = new SampleRange(0, samples);
    this.index = new TileIndex(size);
    put(new Entry(size.whole(), SampleSet.EMPTY, SampleSet.EMPTY, SampleSet.of(all), 0, 0));
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

  /** The tiles that overlap a place, in reading order; none where it lies beyond the frame. */
  List<Entry> entries(Tile place) {
    return touchedBy(place);
  }

  /**
   * Leases the next open cell: of the tiles whose open samples are the earliest, the smallest that
   * has the wanted work, halved until it does not have more; else the largest. So a fast agent does
   * not get the crumbs that were cut for a slow one.
   *
   * @param within only samples of this range
   * @param wanted pixel samples that the cell should have; it gets between 0.7 and 1.4 times as
   *     many where the open tiles allow
   * @param smallestSide tiles are not halved below this many pixels a side
   */
  public Optional<Cell> leaseTile(SampleRange within, long wanted, int smallestSide) {
    for (Map.Entry<OpenKey, Entry> open : openEntries.entrySet()) {
      int firstSample = open.getKey().firstSample();
      if (firstSample >= within.end()) {
        break;
      }
      if (firstSample >= within.first()) {
        return Optional.of(
            leaseHalved(fitting(firstSample, within, wanted), within, wanted, smallestSide));
      }
      if (open.getValue().open().overlaps(within)) {
        return Optional.of(leaseHalved(open.getValue(), within, wanted, smallestSide));
      }
    }
    return Optional.empty();
  }

  /** Of the tiles with open samples from a certain one on, the one that fits best. */
  private Entry fitting(int firstSample, SampleRange within, long wanted) {
    Map.Entry<OpenKey, Entry> smallest = openEntries.higherEntry(OpenKey.before(firstSample, 0));
    Map.Entry<OpenKey, Entry> largest = openEntries.lowerEntry(OpenKey.before(firstSample + 1, 0));
    if (smallest == null || largest == null) {
      throw new IllegalStateException("No tile is open from sample " + firstSample);
    }
    int samples = firstOpen(smallest.getValue(), within).size();
    long area = wanted / 10 * 7 / samples;
    Map.Entry<OpenKey, Entry> fitting = openEntries.ceilingEntry(OpenKey.before(firstSample, area));
    return fitting != null && fitting.getKey().firstSample() == firstSample
        ? fitting.getValue()
        : largest.getValue();
  }

  private Cell leaseHalved(Entry entry, SampleRange within, long wanted, int smallestSide) {
    SampleRange range = firstOpen(entry, within);
    return lease(new Cell(halvedTo(entry, range, wanted, smallestSide), range));
  }

  private static SampleRange firstOpen(Entry entry, SampleRange within) {
    return entry.open().within(within).first().orElseThrow();
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

  /** How often in a row the rendering of a place of a cell ended without a result. */
  public int losses(Cell cell) {
    return covered(cell).stream().mapToInt(Entry::losses).max().orElse(0);
  }

  /** Whether all of a cell is leased. */
  public boolean isLeased(Cell cell) {
    return areLeased(covered(cell), cell.samples());
  }

  private static boolean areLeased(List<Entry> entries, SampleRange samples) {
    return !entries.isEmpty()
        && entries.stream().allMatch(entry -> entry.leased().contains(samples));
  }

  /** The result of a leased cell is stored. */
  public void store(Cell cell) {
    for (Entry entry : leased(cell)) {
      put(entry.storeLeased(cell.samples()));
    }
  }

  /** A lease ended without the cell, which nobody had begun: it is open again. */
  public void release(Cell cell) {
    for (Entry entry : leased(cell)) {
      put(entry.release(cell.samples(), 0));
    }
  }

  /**
   * The rendering of a leased cell ended without a result: it is open again.
   *
   * @return how often that happened in a row at the place where it happened most
   */
  public int lose(Cell cell) {
    int losses = 0;
    for (Entry entry : leased(cell)) {
      Entry lost = entry.release(cell.samples(), 1);
      put(lost);
      losses = Math.max(losses, lost.losses());
    }
    return losses;
  }

  /**
   * Takes over a result that an earlier run stored: tiles are cut along the cell's edges where it
   * cuts through them.
   *
   * @return false, with nothing changed, when part of the cell is stored or leased already
   */
  public boolean restore(Cell cell) {
    return takeOver(cell, entry -> entry.storeOpen(cell.samples()));
  }

  /**
   * Takes over a lease that an earlier run gave: tiles are cut along the cell's edges where it cuts
   * through them.
   *
   * @return false, with nothing changed, when part of the cell is stored or leased already
   */
  public boolean leaseAgain(Cell cell) {
    return takeOver(cell, entry -> entry.lease(cell.samples()));
  }

  private boolean takeOver(Cell cell, UnaryOperator<Entry> taken) {
    List<Entry> touched = touchedBy(cell.tile());
    if (touched.isEmpty()
        || touched.stream().anyMatch(entry -> !entry.open().contains(cell.samples()))) {
      return false;
    }
    for (Entry entry : touched) {
      put(taken.apply(cutOut(entry, cell.tile())));
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
      put(cutOut(entry, cell.tile()).reopen(lost));
    }
    return discarded;
  }

  /** The entries whose tiles overlap one; none where that lies beyond the frame. */
  private List<Entry> touchedBy(Tile tile) {
    List<Entry> touched = new ArrayList<>();
    if (size.whole().contains(tile)) {
      for (Tile known : index.overlapping(tile)) {
        touched.add(Objects.requireNonNull(entries.get(known)));
      }
    }
    return touched;
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
      put(entry.lease(cell.samples()));
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
    return touchedBy(cell.tile()).stream()
        .filter(entry -> cell.tile().contains(entry.tile()))
        .toList();
  }

  /** What a leased cell covers. */
  private List<Entry> leased(Cell cell) {
    List<Entry> covered = covered(cell);
    if (!areLeased(covered, cell.samples())) {
      throw new IllegalStateException("Not leased: " + cell);
    }
    return covered;
  }

  private void put(Entry entry) {
    Entry before = entries.put(entry.tile(), entry);
    if (before == null) {
      index.add(entry.tile());
    } else {
      forget(before);
    }
    count(entry, 1);
    if (!entry.open().isEmpty()) {
      openEntries.put(OpenKey.of(entry), entry);
    }
  }

  private void remove(Entry entry) {
    entries.remove(entry.tile());
    index.remove(entry.tile());
    forget(entry);
  }

  private void forget(Entry entry) {
    count(entry, -1);
    if (!entry.open().isEmpty()) {
      openEntries.remove(OpenKey.of(entry));
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
