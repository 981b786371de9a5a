package io.blendnet.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether there is room for another cell's file: on the disk, and among the deliveries, of which no
 * more are to lie here than could still leave when the machine is about to be taken away. While the
 * shelf is empty a cell may always be tried. Thread-safe.
 */
final class ShelfRoom {
  /** What can be measured of a disk. */
  @FunctionalInterface
  interface Gauge {
    /** Bytes that are left. */
    long usable() throws IOException;
  }

  /** Each has its report in memory. */
  private static final int MOST_DELIVERIES = 10_000;

  /** After a cell that found no room this much more has to be free, in bytes. */
  private static final long STEP = 1L << 20;

  private final DeliveryShelf shelf;
  private final DeliveryPace pace;
  private final Duration notice;
  private final Gauge disk;
  private long leastFree;

  /**
   * @param notice in which everything on the shelf should be able to leave
   */
  ShelfRoom(DeliveryShelf shelf, DeliveryPace pace, Duration notice, Gauge disk) {
    this.shelf = shelf;
    this.pace = pace;
    this.notice = notice;
    this.disk = disk;
  }

  static Gauge diskOf(DeliveryShelf shelf) {
    return () -> Files.getFileStore(shelf.folder()).getUsableSpace();
  }

  /**
   * Why another cell has to wait, in words for a progress display.
   *
   * @param bytes that its file will have, as far as is known
   * @param unfinished cells about as large that are rendered, and not on the shelf yet
   */
  Optional<String> obstacle(long bytes, int unfinished) {
    if (shelf.count() + unfinished == 0) {
      return Optional.empty();
    }
    if (usable() < Math.max(DiskSpace.LEAST + bytes, leastFree())) {
      return Optional.of("Waiting for room on the disk, until results are fetched");
    }
    long toLeave = shelf.bytes() + (unfinished + 1) * bytes;
    boolean backlog =
        shelf.count() >= MOST_DELIVERIES
            || pace.timeFor(toLeave).filter(time -> time.compareTo(notice) > 0).isPresent();
    return backlog ? Optional.of("Waiting until results are fetched") : Optional.empty();
  }

  /** Waits a moment for room: until a delivery leaves, or until it is time to look again. */
  void awaitChange() throws InterruptedException {
    // The disk's other users do not tell when they make room.
    shelf.awaitRemoval(Duration.ofMillis(500));
  }

  /** A sentence for the user where the disk is full. */
  Optional<String> shortage() {
    return DiskSpace.shortage(shelf.folder(), usable());
  }

  /**
   * A cell found no room, and what there was of it has been removed.
   *
   * @return whether to try it again: there will be more room once results are fetched
   */
  synchronized boolean ranOut() {
    if (shelf.count() == 0) {
      return false;
    }
    leastFree = usable() + STEP;
    return true;
  }

  /** A cell found room. */
  synchronized void fitted() {
    leastFree = 0;
  }

  private synchronized long leastFree() {
    return leastFree;
  }

  private long usable() {
    try {
      return disk.usable();
    } catch (IOException e) {
      // Whoever writes there next gets to know what is wrong.
      return Long.MAX_VALUE;
    }
  }
}
