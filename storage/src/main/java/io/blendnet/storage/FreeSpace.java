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
   * What a failed write is to be reported as. The system's words are in the language of the
   * machine, so the free space counts as well.
   *
   * @param wanted bytes that the failed call was to write
   */
  static IOException explain(IOException failure, Path folder, long wanted) {
    if (!isFull(failure, folder, wanted)) {
      return failure;
    }
    StorageFullException explained = new StorageFullException(folder, wanted, in(folder));
    explained.initCause(failure);
    return explained;
  }

  static boolean isFull(IOException failure, Path folder, long wanted) {
    if (failure instanceof StorageFullException) {
      return false;
    }
    String words = String.valueOf(failure.getMessage());
    return words.contains("No space left on device")
        || words.contains("Disk quota exceeded")
        || words.contains("not enough space on the disk")
        || in(folder) < wanted;
  }
}
