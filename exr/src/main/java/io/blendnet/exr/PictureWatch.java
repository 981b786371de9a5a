package io.blendnet.exr;

import io.blendnet.domain.CellLooks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out what the pictures in a file look like while its blocks pass by. Thread-safe.
 *
 * <p>All that is asked of a value shows in its bits without the sign: they are 0 for both zeros,
 * and at least {@link #INFINITY} for infinities and NaN.
 */
final class PictureWatch implements ExrReader.BlockVisitor {
  private static final int INFINITY = 0x7f80_0000;
  private static final int HALF_INFINITY = 0x7c00;

  private final RowLayout layout;
  private final int width;
  private final List<Integer> colours = new ArrayList<>();
  private final List<Integer> alphas = new ArrayList<>();

  // Both are only ever set, so it doesn't matter which thread does.
  private volatile boolean light;
  private volatile boolean broken;

  PictureWatch(ExrHeader header) {
    layout = RowLayout.of(header);
    width = header.dataWindow().width();
    int channels = header.channels().size();
    for (int i = 0; i < channels; i++) {
      int channel = i;
      PassName.parse(header.channels().get(i).name())
          .filter(PassName::isPicture)
          .ifPresent(name -> (name.component().equals("A") ? alphas : colours).add(channel));
    }
  }

  @Override
  public void block(int firstRow, int rows, ByteBuffer pixels) {
    MemorySegment block = MemorySegment.ofBuffer(pixels);
    for (int row = 0; row < rows; row++) {
      for (int channel : colours) {
        if (largest(block, row, channel) != 0) {
          light = true;
        }
      }
      for (int channel : alphas) {
        largest(block, row, channel);
      }
    }
  }

  /** What all blocks so far look like. */
  CellLooks looks() {
    if (broken) {
      return CellLooks.BROKEN;
    }
    return light || colours.isEmpty() ? CellLooks.FINE : CellLooks.BLACK;
  }

  /** The bits of a row's largest value, without the sign. */
  private int largest(MemorySegment block, int row, int channel) {
    long start = layout.at(row, channel, 0);
    return switch (layout.type(channel)) {
      case FLOAT -> finite(largestInt(block, start), INFINITY);
      case HALF -> finite(largestShort(block, start), HALF_INFINITY);
      case UINT -> unitedBits(block, start);
    };
  }

  private int finite(int largest, int infinity) {
    if (largest >= infinity) {
      broken = true;
    }
    return largest;
  }

  private int largestInt(MemorySegment block, long start) {
    int largest = 0;
    for (int x = 0; x < width; x++) {
      largest = Math.max(largest, block.get(RowLayout.INT, start + 4L * x) & 0x7fff_ffff);
    }
    return largest;
  }

  private int largestShort(MemorySegment block, long start) {
    int largest = 0;
    for (int x = 0; x < width; x++) {
      largest = Math.max(largest, block.get(RowLayout.SHORT, start + 2L * x) & 0x7fff);
    }
    return largest;
  }

  private int unitedBits(MemorySegment block, long start) {
    int bits = 0;
    for (int x = 0; x < width; x++) {
      bits |= block.get(RowLayout.INT, start + 4L * x);
    }
    return bits;
  }
}
