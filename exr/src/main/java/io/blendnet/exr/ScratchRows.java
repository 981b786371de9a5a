package io.blendnet.exr;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Rows of bytes in a mapped file that vanishes with this process. At first all bytes are zero.
 *
 * <p>The disk's space is claimed with ordinary writes before a row is touched: running out of it
 * through the mapping would not be an exception but a fault.
 */
final class ScratchRows implements Closeable {
  /** Rows that are claimed at a time. */
  private static final int BAND = 16;

  private final Path file;
  private final FileChannel channel;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment rows;
  private final long rowBytes;
  private final int height;
  private final boolean[] claimed;

  private ScratchRows(Path file, FileChannel channel, long rowBytes, int height)
      throws IOException {
    this.file = file;
    this.channel = channel;
    this.rowBytes = rowBytes;
    this.height = height;
    this.claimed = new boolean[Math.ceilDiv(height, BAND)];
    this.rows = channel.map(FileChannel.MapMode.READ_WRITE, 0, rowBytes * height, arena);
  }

  static ScratchRows create(Path folder, long rowBytes, int height) throws IOException {
    Path file = folder.resolve("frame-" + UUID.randomUUID() + ".scratch");
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE,
            StandardOpenOption.DELETE_ON_CLOSE);
    try {
      return new ScratchRows(file, channel, rowBytes, height);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  /** All rows; whatever is written must have been claimed. */
  MemorySegment bytes() {
    return rows;
  }

  /** Where a row begins. */
  long at(int row) {
    return row * rowBytes;
  }

  /** Claims the space for a row. Not from a thread that may be interrupted. */
  void claim(int row) throws IOException {
    int band = row / BAND;
    synchronized (claimed) {
      if (claimed[band]) {
        return;
      }
      int bandRows = Math.min(BAND, height - band * BAND);
      long at = (long) band * BAND * rowBytes;
      long end = at + bandRows * rowBytes;
      ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(end - at, 1 << 20));
      while (at < end) {
        at += write(zeros.clear().limit((int) Math.min(zeros.capacity(), end - at)), at);
      }
      claimed[band] = true;
    }
  }

  private int write(ByteBuffer bytes, long at) throws IOException {
    try {
      return channel.write(bytes, at);
    } catch (IOException e) {
      throw new IOException(
          "Cannot write the scratch frame %s of %d bytes; is the disk full? (%s)"
              .formatted(file, rowBytes * height, e.getMessage()),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    arena.close();
    channel.close();
  }
}
