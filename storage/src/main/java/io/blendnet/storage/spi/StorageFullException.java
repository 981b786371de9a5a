package io.blendnet.storage.spi;

import java.io.IOException;
import java.nio.file.Path;

/** The disk has no room left. Nothing half is kept; the store works on once there is room again. */
public final class StorageFullException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String folder;
  private final long wanted;
  private final long free;

  /**
   * Says what did not fit where.
   *
   * @param wanted bytes that were to be written and did not fit
   * @param free bytes that this program may still write there
   */
  public StorageFullException(Path folder, long wanted, long free) {
    super(
        "The disk is full: %,d bytes more are wanted in %s, %,d are free. Make room there or choose another folder"
            .formatted(wanted, folder, free));
    this.folder = folder.toString();
    this.wanted = wanted;
    this.free = free;
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
