package io.blendnet.manager;

import io.blendnet.domain.FrameSize;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.WorkReport.ComposedFile;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How much of the Manager's disk a result may take, looked at before its first byte is fetched: an
 * agent that announces more is not to be trusted, and does no harm to others.
 */
final class ResultRoom {
  /** More than scenes have: thirty view layers with all their passes have half of it. */
  static final int MOST_CHANNELS = 4_096;

  /** A frame of so many that does not fit is nobody's lie: the disk is too small for it. */
  static final int USUAL_CHANNELS = 512;

  /** Blender's passes and light groups are of 32 bits at most. */
  private static final long CHANNEL_BYTES = 4;

  /** Channels' names, attributes, and the place of each row. */
  private static final long HEADER = 4L << 20;

  /** A picture may have so much even where the disk is nearly full: that is told in other words. */
  private static final long LEAST = 256L << 20;

  private final LongSupplier free;

  /**
   * @param folder where results arrive
   */
  ResultRoom(Path folder) {
    this(() -> folder.toFile().getUsableSpace());
  }

  /**
   * @param free bytes of the disk
   */
  ResultRoom(LongSupplier free) {
    this.free = free;
  }

  /** The most bytes that a cell's file of these pixels can have, were it not compressed at all. */
  static long most(Tile rendered) {
    return (long) rendered.width() * rendered.height() * MOST_CHANNELS * CHANNEL_BYTES + HEADER;
  }

  /**
   * Refuses a cell that is larger than its pixels can be.
   *
   * @throws ExcessException the agent is not to be believed
   */
  static void checkCell(Tile rendered, long size) throws ExcessException {
    long most = most(rendered);
    if (size < 0 || size > most) {
      throw new ExcessException(
          "announced a cell of %,d bytes; %d x %d pixels have %,d at most"
              .formatted(size, rendered.width(), rendered.height(), most));
    }
  }

  /**
   * Refuses the first cell of a frame where it has so many channels that the frame, which is not
   * compressed while it comes together, would leave no room for others.
   *
   * @throws ExcessException the agent is not to be believed
   */
  void checkFrame(FrameSize frame, int channels) throws ExcessException {
    long needed = frame.area() * channels * CHANNEL_BYTES;
    long most = Math.max(free.getAsLong() / 2, LEAST);
    if (channels > MOST_CHANNELS || (channels > USUAL_CHANNELS && needed > most)) {
      throw new ExcessException(
          ("delivered a cell with %,d channels: the frame would need %,d bytes, and may take half of"
                  + " the Manager's free disk")
              .formatted(channels, needed));
    }
  }

  /**
   * Refuses a picture whose files take more than half of what is free.
   *
   * @throws ExcessException the agent is not to be believed
   */
  void checkPicture(List<ComposedFile> files) throws ExcessException {
    long left = Math.max(free.getAsLong() / 2, LEAST);
    long most = left;
    for (ComposedFile file : files) {
      long size = file.delivery().size();
      if (size < 0 || size > left) {
        throw new ExcessException(
            ("announced a picture of %d files that need more than %,d bytes: a picture may take"
                    + " half of the Manager's free disk")
                .formatted(files.size(), most));
      }
      left -= size;
    }
  }
}
