package io.blendnet.exr;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes OpenEXR files of scanlines: blocks are asked for and packed on all cores, and written in
 * order while the next ones are being packed. A block that does not shrink is stored as it is.
 *
 * <p>The bytes of a file depend on the header and the pixels alone, not on the number of cores.
 */
public final class ExrWriter {
  /** Bytes of finished blocks that may wait for a slower one before them. */
  private static final long WAITING_LIMIT = 64 << 20;

  private static final int BLOCK_HEADER = 8;

  /** More than 16 rows of a picture 65,536 pixels wide with 60 float channels. */
  private static final int BLOCK_LIMIT = 256 << 20;

  private ExrWriter() {}

  /** Where the pixels come from. */
  @FunctionalInterface
  public interface BlockSource {
    /**
     * Called by several threads at once, for each block once, in ascending order of their starts.
     *
     * @param firstRow counted from the top of the data window
     * @param rows number of rows, at least 1
     * @param pixels to be filled, little-endian: for each row, for each channel in the header's
     *     order, the values from left to right; its content is undefined at first
     */
    void fill(int firstRow, int rows, ByteBuffer pixels) throws IOException;
  }

  /** Whether blocks of rows are small enough to be written, and read again. */
  static boolean canWrite(ExrHeader header) {
    return header.rowBytes() * header.rowsOf(0) <= BLOCK_LIMIT;
  }

  /**
   * Writes a file: under the name with {@code .part} appended first, which is synced and renamed at
   * the end. When writing fails, neither is left, and an older file of the name stays untouched.
   *
   * @param header as the file will have it, except for {@code chunkCount}, which is dropped, and
   *     the line order, which becomes increasing
   * @throws IllegalArgumentException where a block of rows would be larger than 256 MiB
   */
  public static void write(Path target, ExrHeader header, BlockSource source) throws IOException {
    ExrHeader written = header.without("chunkCount").withLineOrder(LineOrder.INCREASING_Y);
    if (!canWrite(written)) {
      throw new IllegalArgumentException(
          "A block of rows of %s would have %d bytes; at most %d are written"
              .formatted(target, written.rowBytes() * written.rowsOf(0), BLOCK_LIMIT));
    }
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      try (FileChannel out =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        new Sequence(part, out, written).write(source);
        out.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (Throwable e) {
      Files.deleteIfExists(part);
      throw e;
    }
  }

  /** Brings blocks that are finished in any order into the file's. */
  private static final class Sequence {
    private final Path file;
    private final FileChannel out;
    private final ExrHeader header;
    private final long[] offsets;
    private final @Nullable ByteBuffer[] waiting;
    private final int window;
    private long end;
    private int next;
    private boolean failed;

    Sequence(Path file, FileChannel out, ExrHeader header) {
      this.file = file;
      this.out = out;
      this.header = header;
      this.offsets = new long[header.blockCount()];
      this.waiting = new ByteBuffer[header.blockCount()];
      long blockBytes = header.rowBytes() * header.rowsOf(0);
      this.window = Math.clamp(WAITING_LIMIT / blockBytes, 2, 256);
    }

    void write(BlockSource source) throws IOException {
      byte[] start = header.toBytes();
      end = start.length + (long) offsets.length * Long.BYTES;
      Cores.forEach(
          offsets.length,
          header.rowBytes() * header.rowsOf(0),
          () -> new BlockWriter(this, source));
      ByteBuffer front =
          ByteBuffer.allocate(start.length + offsets.length * Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(start);
      for (long offset : offsets) {
        front.putLong(offset);
      }
      writeFully(front.flip(), 0);
    }

    /** Waits until the block is near enough to the one that is written next. */
    synchronized void awaitTurn(int block) throws IOException {
      while (block >= next + window && !failed) {
        try {
          wait();
        } catch (InterruptedException e) {
          throw new IOException("Interrupted while writing", e);
        }
      }
    }

    synchronized void finished(int block, ByteBuffer packed) throws IOException {
      waiting[block] = packed;
      while (next < waiting.length) {
        @Nullable ByteBuffer ready = waiting[next];
        if (ready == null) {
          break;
        }
        waiting[next] = null;
        offsets[next] = end;
        long length = ready.remaining();
        writeFully(ready, end);
        end += length;
        next++;
      }
      notifyAll();
    }

    synchronized void fail() {
      failed = true;
      notifyAll();
    }

    private void writeFully(ByteBuffer bytes, long position) throws IOException {
      long at = position;
      try {
        while (bytes.hasRemaining()) {
          at += out.write(bytes, at);
        }
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        // The bare cause, such as "No space left on device", doesn't say where.
        throw new IOException("Cannot write %s: %s".formatted(file, e.getMessage()), e);
      }
    }
  }

  private static final class BlockWriter implements Cores.Worker {
    private final Sequence sequence;
    private final ExrHeader header;
    private final BlockSource source;
    private final BlockCodec codec;
    private final byte[] raw;
    private final byte[] packed;

    BlockWriter(Sequence sequence, BlockSource source) {
      this.sequence = sequence;
      this.header = sequence.header;
      this.source = source;
      this.codec = new BlockCodec(header.compression());
      this.raw = new byte[(int) (header.rowBytes() * header.rowsOf(0))];
      this.packed = new byte[raw.length];
    }

    @Override
    public void take(int block) throws IOException {
      try {
        sequence.awaitTurn(block);
        int rows = header.rowsOf(block);
        int firstRow = block * header.compression().rowsPerBlock();
        int length = (int) (header.rowBytes() * rows);
        source.fill(firstRow, rows, ByteBuffer.wrap(raw, 0, length).order(ByteOrder.LITTLE_ENDIAN));
        int size = codec.pack(raw, length, packed);
        ByteBuffer finished =
            ByteBuffer.allocate(BLOCK_HEADER + size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(header.dataWindow().yMin() + firstRow)
                .putInt(size)
                .put(size < length ? packed : raw, 0, size)
                .flip();
        sequence.finished(block, finished);
      } catch (Throwable e) {
        sequence.fail();
        throw e;
      }
    }

    @Override
    public void close() {
      codec.close();
    }
  }
}
