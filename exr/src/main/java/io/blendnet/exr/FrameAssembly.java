package io.blendnet.exr;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.Tile;
import java.awt.image.BufferedImage;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A frame that comes together from cells, in an uncompressed scratch file that vanishes with this
 * object or with the process. It is rebuilt from the stored deliveries after a crash.
 *
 * <p>A pixel that got all its samples in one cell has that cell's bits. A pixel of several sample
 * ranges is merged by the rules of its passes (see {@link MergePlan}); in which order the cells
 * come makes no difference beyond the rounding of floats. Ranges may be cut differently from tile
 * to tile, and tiles differently from range to range.
 *
 * <p>Thread-safe; one call at a time does its work, on all cores. Memory in use does not grow with
 * the frame.
 */
public final class FrameAssembly implements Closeable {
  private final Path scratchFolder;
  private final FrameSize size;
  private final Set<String> passesToDrop;
  private final Set<Cell> cells = new LinkedHashSet<>();
  private @Nullable Started started;
  private long heldWork;
  private boolean broken;
  private boolean closed;

  /** What the first cell's file decides. */
  private record Started(FrameAttributes attributes, MergePlan plan, ScratchFrame scratch) {}

  private FrameAssembly(Path scratchFolder, FrameSize size, Collection<String> passesToDrop) {
    this.scratchFolder = scratchFolder;
    this.size = size;
    this.passesToDrop = Set.copyOf(passesToDrop);
  }

  /**
   * An empty frame.
   *
   * @param scratchFolder made where it's missing; needs room for the uncompressed frame: four bytes
   *     a pixel for each channel, and for one more
   * @param passesToDrop as {@code Layer.Pass}: passes that were rendered for the merging alone and
   *     are left out of the file; names that the cells don't have are ignored
   */
  public static FrameAssembly create(
      Path scratchFolder, FrameSize size, Collection<String> passesToDrop) throws IOException {
    Files.createDirectories(scratchFolder);
    return new FrameAssembly(scratchFolder, size, passesToDrop);
  }

  /**
   * Folds one cell's file in.
   *
   * @param rendered the tile with its overscan, within the frame: what the file has the pixels of.
   *     Where the file's data window begins doesn't matter
   * @return false where this very cell is in already, which changes nothing
   * @throws ExrFormatException when the file is damaged, or its size, channels or number of samples
   *     don't fit; the frame is as before
   * @throws IOException when a disk fails; see the message
   * @throws IllegalArgumentException when some of the cell's samples of some of its pixels are in
   *     already, or {@code rendered} does not fit
   * @throws IllegalStateException when closed, or an earlier call broke off in the middle: the
   *     frame must then be rebuilt
   */
  public synchronized boolean add(Cell cell, Tile rendered, Path exr) throws IOException {
    checkUsable();
    checkPlace(cell, rendered);
    if (cells.contains(cell)) {
      return false;
    }
    boolean merging = checkOverlaps(cell);
    try (ExrReader reader = ExrReader.open(exr)) {
      ExrHeader header = reader.header();
      CellCheck.checkSize(exr, header, rendered);
      CellCheck.checkClaims(exr, header, cell.samples().size());
      // Before the first pixel is touched: merging cannot be undone.
      reader.verify();
      Started frame = started == null ? start(header) : started;
      started = frame;
      frame.attributes.checkChannels(exr, header);
      if (merging && frame.plan.obstacle().isPresent()) {
        throw new ExrFormatException(exr, frame.plan.obstacle().get());
      }
      fold(frame, reader, cell, rendered);
      frame.attributes.add(cell, header);
    }
    cells.add(cell);
    heldWork += cell.work();
    return true;
  }

  /** Whether this very cell has been added. */
  public synchronized boolean contains(Cell cell) {
    return cells.contains(cell);
  }

  /** How many pixel samples are in, by {@link Cell#work()}. */
  public synchronized long heldWork() {
    return heldWork;
  }

  /** Whether every pixel has exactly the samples {@code [0, samples)}. */
  public synchronized boolean isComplete(int samples) {
    // No sample of a pixel is in twice, so they can be counted.
    return heldWork == size.area() * samples
        && cells.stream().allMatch(cell -> cell.samples().end() <= samples);
  }

  /**
   * Writes the frame as one Blender would have written it: a multi-layer file with the cells'
   * attributes, the windows of the frame, the number of all samples, and the sum of the cells'
   * render times. It appears under its name once it's complete and synced; see {@link
   * ExrWriter#write}.
   *
   * @param compression as far as the format's blocks of rows stay within 256 MiB: enormous frames
   *     with very many passes get {@link Compression#ZIPS} instead of {@link Compression#ZIP}
   * @throws IllegalStateException when some samples of some pixels are missing
   */
  public synchronized void write(Path target, Compression compression) throws IOException {
    checkUsable();
    int samples = (int) (heldWork / size.area());
    Started frame = started;
    if (frame == null || !isComplete(samples)) {
      throw new IllegalStateException(
          "The frame is not complete: it holds %d pixel samples of %d x %d pixels"
              .formatted(heldWork, size.width(), size.height()));
    }
    ExrHeader wanted = frame.attributes.finished(size, samples, passesToDrop, compression);
    ExrHeader header =
        ExrWriter.canWrite(wanted) ? wanted : wanted.withCompression(Compression.ZIPS);
    RowLayout from = RowLayout.of(frame.attributes.header());
    RowLayout to = RowLayout.of(header);
    int[] origins = header.channels().stream().mapToInt(c -> from.indexOf(c.name())).toArray();
    guardMapping(() ->
        ExrWriter.write(
            target,
            header,
            (firstRow, rows, pixels) -> {
              for (int row = 0; row < rows; row++) {
                for (int channel = 0; channel < origins.length; channel++) {
                  copyOut(
                      frame.scratch, firstRow + row, origins[channel], to, pixels, row, channel);
                }
              }
            }));
  }

  /**
   * A tone-mapped picture of what is there so far, dark grey where nothing is: the pass {@code
   * Combined} of the first view layer that has it.
   *
   * @param longestSide the picture's limit in pixels; it's never larger than the frame
   */
  public synchronized BufferedImage preview(int longestSide) throws IOException {
    checkUsable();
    Downscale picture = new Downscale(size.width(), size.height(), longestSide);
    Started frame = started;
    if (frame == null) {
      return picture.image();
    }
    int[] channels = Downscale.combinedChannels(frame.attributes.header());
    float[][] values = new float[channels.length][size.width()];
    int[] held = new int[size.width()];
    guardMapping(() -> {
      for (int y = 0; y < size.height() && channels.length > 0; y += picture.rowStep()) {
        frame.scratch.held(y, 0, held, held.length);
        for (int i = 0; i < channels.length; i++) {
          frame.scratch.values(y, channels[i], 0, values[i], 0, size.width());
        }
        picture.add(y, values, x -> held[x] != 0);
      }
    });
    return picture.image();
  }

  private Started start(ExrHeader header) throws IOException {
    MergePlan plan = MergePlan.of(header);
    ScratchFrame scratch =
        new ScratchFrame(scratchFolder, size, header.channels().size(), plan.spillChannels());
    return new Started(new FrameAttributes(header), plan, scratch);
  }

  private void fold(Started frame, ExrReader reader, Cell cell, Tile rendered) throws IOException {
    RowLayout layout = RowLayout.of(reader.header());
    int blockRows = reader.header().compression().rowsPerBlock();
    int first = (cell.tile().y() - rendered.y()) / blockRows;
    int end = Math.ceilDiv(cell.tile().bottom() - rendered.y(), blockRows);
    broken = true;
    guardMapping(() ->
        reader.readWith(
            first, end, () -> new CellFold(frame.scratch, frame.plan, layout, cell, rendered)));
    broken = false;
  }

  private void copyOut(
      ScratchFrame scratch,
      int y,
      int origin,
      RowLayout to,
      ByteBuffer pixels,
      int row,
      int channel) {
    MemorySegment target = MemorySegment.ofBuffer(pixels);
    long from = scratch.at(y, origin, 0);
    long at = to.at(row, channel, 0);
    switch (to.type(channel)) {
      case FLOAT, UINT -> MemorySegment.copy(scratch.bytes(), from, target, at, size.width() * 4L);
      case HALF -> {
        for (int x = 0; x < size.width(); x++) {
          float value = scratch.bytes().get(RowLayout.FLOAT, from + 4L * x);
          target.set(RowLayout.SHORT, at + 2L * x, Float.floatToFloat16(value));
        }
      }
    }
  }

  private void checkUsable() {
    if (closed) {
      throw new IllegalStateException("The frame is closed");
    }
    if (broken) {
      throw new IllegalStateException(
          "The frame in " + scratchFolder + " broke off while a cell was added; rebuild it");
    }
  }

  private void checkPlace(Cell cell, Tile rendered) {
    if (!size.whole().contains(rendered) || !rendered.contains(cell.tile())) {
      throw new IllegalArgumentException(
          "The cell %s, rendered as %s, has no place in a frame of %s"
              .formatted(cell, rendered, size));
    }
  }

  /**
   * @return whether pixels of the cell hold other samples already
   */
  private boolean checkOverlaps(Cell cell) {
    boolean merging = false;
    for (Cell other : cells) {
      if (other.tile().overlaps(cell.tile())) {
        merging = true;
        if (other.samples().overlaps(cell.samples())) {
          throw new IllegalArgumentException(
              "The cell %s has samples that came with %s already".formatted(cell, other));
        }
      }
    }
    return merging;
  }

  /** Work that touches mapped memory. */
  private interface MappedWork {
    void run() throws IOException;
  }

  /** The JVM reports a disk's failure under a mapping as an error of its own. */
  private void guardMapping(MappedWork work) throws IOException {
    try {
      work.run();
    } catch (InternalError e) {
      throw new IOException(
          "The scratch frame in " + scratchFolder + " cannot be reached; is the disk full?", e);
    }
  }

  /** Gives the scratch file's space back. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    Started frame = started;
    started = null;
    if (frame != null) {
      frame.scratch.close();
    }
  }
}
