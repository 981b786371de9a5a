package io.blendnet.storage;

import io.blendnet.storage.spi.StorageFullException;
import java.io.IOException;
import java.nio.file.Path;

/** Tells a full disk from other failures. Java has no exception of its own for it. */
final class FreeSpace {
  private FreeSpace() {}

  /** Bytes that this program may still write in a folder. */
  static long in(Path folder) {
    // FileStore would read the whole table of mounts first, at every call.
    return folder.toFile().getUsableSpace();
  }

  /**
   * Whether a failed write has the full disk for its cause. The system's words are in the language
   * of the machine, so the free space counts as well.
   *
   * @param wanted bytes that the failed call was to write
   */
  static boolean wasTheCause(IOException failure, Path folder, long wanted) {
    String words = String.valueOf(failure.getMessage());
    return failure instanceof StorageFullException
        || words.contains("No space left on device")
        || words.contains("Disk quota exceeded")
        || words.contains("not enough space on the disk")
        || in(folder) < wanted;
  }
}
