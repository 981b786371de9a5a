package io.blendnet.exr;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Where the values of a channel lie in an uncompressed row. */
final class RowLayout {
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final List<ExrChannel> channels;
  private final long[] starts;
  private final long rowBytes;

  private RowLayout(List<ExrChannel> channels, int width) {
    this.channels = channels;
    starts = new long[channels.size()];
    long at = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = at;
      at += (long) width * channels.get(i).type().bytes();
    }
    rowBytes = at;
  }

  static RowLayout of(ExrHeader header) {
    return new RowLayout(header.channels(), header.dataWindow().width());
  }

  List<String> names() {
    return channels.stream().map(ExrChannel::name).toList();
  }

  /** Index of a channel, or -1. */
  int indexOf(String name) {
    return names().indexOf(name);
  }

  long rowBytes() {
    return rowBytes;
  }

  /** Byte offset of a value within a block of rows. */
  long at(int row, int channel, int column) {
    return row * rowBytes + starts[channel] + (long) column * channels.get(channel).type().bytes();
  }

  PixelType type(int channel) {
    return channels.get(channel).type();
  }

  /** Takes values out of a block of rows, as floats. */
  void floats(
      ByteBuffer block, int row, int channel, int column, float[] into, int start, int count) {
    MemorySegment pixels = MemorySegment.ofBuffer(block);
    long at = at(row, channel, column);
    switch (type(channel)) {
      case FLOAT -> MemorySegment.copy(pixels, FLOAT, at, into, start, count);
      case HALF -> {
        for (int i = 0; i < count; i++) {
          into[start + i] = Float.float16ToFloat(pixels.get(SHORT, at + 2L * i));
        }
      }
      case UINT -> {
        for (int i = 0; i < count; i++) {
          into[start + i] = Integer.toUnsignedLong(pixels.get(INT, at + 4L * i));
        }
      }
    }
  }

  /** As {@link #floats}, but integers keep their bits, disguised as floats. */
  void bits(ByteBuffer block, int row, int channel, int column, float[] into, int count) {
    if (type(channel) == PixelType.UINT) {
      long at = at(row, channel, column);
      MemorySegment.copy(MemorySegment.ofBuffer(block), FLOAT, at, into, 0, count);
    } else {
      floats(block, row, channel, column, into, 0, count);
    }
  }
}
