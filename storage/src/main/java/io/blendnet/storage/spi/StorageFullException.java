package io.blendnet.storage.spi;

import java.io.IOException;
import java.nio.file.Path;

/**
 * There is no room left: the disk is full, or as much is stored as may be. Nothing half is kept;
 * the store works on once there is room again.
 */
public final class StorageFullException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String folder;
  private final long wanted;
  private final long free;
  private final boolean byLimit;

  /**
   * Says what did not fit where.
   *
   * @param wanted bytes that were to be written and did not fit
   * @param free bytes that this program may still write there
   */
  public StorageFullException(Path folder, long wanted, long free) {
    this(
        folder,
        wanted,
        free,
        "The disk is full: %,d bytes more are wanted in %s, %,d are free. Make room there or choose another folder"
            .formatted(wanted, folder, free),
        false);
  }

  private StorageFullException(
      Path folder, long wanted, long free, String message, boolean byLimit) {
    super(message);
    this.folder = folder.toString();
    this.wanted = wanted;
    this.free = free;
    this.byLimit = byLimit;
  }

  /**
   * There is a limit to what may be stored.
   *
   * @param wanted bytes that were to be stored and did not fit
   * @param left bytes that may still be stored
   * @param limit bytes that may be stored altogether
   */
  public static StorageFullException beyondLimit(Path folder, long wanted, long left, long limit) {
    return new StorageFullException(
        folder,
        wanted,
        left,
        "The storage limit is reached: %,d bytes more are wanted in %s, of its %,d bytes %,d are left. Remove tasks that are done, or raise the limit"
            .formatted(wanted, folder, limit, left),
        true);
  }

  /** Whether the disk has room, and a limit that somebody set has not. */
  public boolean isByLimit() {
    return byLimit;
  }

  public Path folder() {
    return Path.of(folder);
  }

  /** Bytes that were to be written and did not fit. */
  public long wanted() {
    return wanted;
  }

  /** Bytes that were free when it failed. */
  public long free() {
    return free;
  }
}
