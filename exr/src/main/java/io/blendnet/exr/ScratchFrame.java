package io.blendnet.exr;

import io.blendnet.domain.FrameSize;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pixels of a frame that is being assembled: in rows, each with all channels (four bytes a
 * value, halves widened) and, last, what each pixel holds.
 */
final class ScratchFrame implements Closeable {
  /** Set in what a pixel holds when the frame's first sample is in it; the rest is a number. */
  static final int HAS_FIRST = 1 << 31;

  private static final int VALUE = 4;

  private final Path folder;
  private final FrameSize size;
  private final int channels;
  private final int spillChannels;
  private final ScratchRows rows;
  private @Nullable ScratchRows spill;

  /**
   * @param folder for the files; exists
   * @param channels of the pixels
   * @param spillChannels further ones, which take space only once they are used
   */
  ScratchFrame(Path folder, FrameSize size, int channels, int spillChannels) throws IOException {
    this.folder = folder;
    this.size = size;
    this.channels = channels;
    this.spillChannels = spillChannels;
    this.rows = ScratchRows.create(folder, (channels + 1L) * size.width() * VALUE, size.height());
  }

  /** All pixels' bytes, little-endian; see {@link #at}. */
  MemorySegment bytes() {
    return rows.bytes();
  }

  /** Where a value lies. */
  long at(int y, int channel, int x) {
    return rows.at(y) + ((long) channel * size.width() + x) * VALUE;
  }

  /** Makes a row ready to be written. */
  void claim(int y) throws IOException {
    rows.claim(y);
  }

  /** Reads what pixels hold: number of samples, and {@link #HAS_FIRST}. */
  void held(int y, int x, int[] into, int count) {
    MemorySegment.copy(bytes(), RowLayout.INT, at(y, channels, x), into, 0, count);
  }

  void setHeld(int y, int x, int[] held, int count) {
    MemorySegment.copy(held, 0, bytes(), RowLayout.INT, at(y, channels, x), count);
  }

  void values(int y, int channel, int x, float[] into, int start, int count) {
    MemorySegment.copy(bytes(), RowLayout.FLOAT, at(y, channel, x), into, start, count);
  }

  void setValues(int y, int channel, int x, float[] values, int count) {
    MemorySegment.copy(values, 0, bytes(), RowLayout.FLOAT, at(y, channel, x), count);
  }

  /** Reads the spill of some pixels; zeros where nothing was ever put. */
  void spill(int y, int x, float[][] into, int count) {
    @Nullable ScratchRows file = spillFile();
    for (int channel = 0; channel < spillChannels; channel++) {
      if (file == null) {
        Arrays.fill(into[channel], 0, count, 0);
      } else {
        MemorySegment.copy(
            file.bytes(), RowLayout.FLOAT, spillAt(file, y, channel, x), into[channel], 0, count);
      }
    }
  }

  /** Keeps the spill of some pixels. */
  void setSpill(int y, int x, float[][] values, int count) throws IOException {
    if (spillFile() == null && isZero(values, count)) {
      return;
    }
    ScratchRows file = ensureSpillFile();
    file.claim(y);
    for (int channel = 0; channel < spillChannels; channel++) {
      MemorySegment.copy(
          values[channel], 0, file.bytes(), RowLayout.FLOAT, spillAt(file, y, channel, x), count);
    }
  }

  private boolean isZero(float[][] values, int count) {
    for (int channel = 0; channel < spillChannels; channel++) {
      for (int i = 0; i < count; i++) {
        if (values[channel][i] != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private long spillAt(ScratchRows file, int y, int channel, int x) {
    return file.at(y) + ((long) channel * size.width() + x) * VALUE;
  }

  private synchronized @Nullable ScratchRows spillFile() {
    return spill;
  }

  private synchronized ScratchRows ensureSpillFile() throws IOException {
    if (spill == null) {
      spill =
          ScratchRows.create(folder, (long) spillChannels * size.width() * VALUE, size.height());
    }
    return spill;
  }

  @Override
  public synchronized void close() throws IOException {
    try (rows) {
      if (spill != null) {
        spill.close();
      }
    }
  }
}
