package io.blendnet.storage;

import io.blendnet.storage.spi.StorageFullException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How much may still be stored in a folder: what the disk has free and a limit leaves, less what
 * uploads under way were promised. Thread-safe.
 */
final class Room {
  private final Path folder;
  private final long limit;
  private final LongSupplier stored;
  private final AtomicLong promised = new AtomicLong();

  /**
   * @param limit bytes that may be stored altogether
   * @param stored bytes that are
   */
  Room(Path folder, long limit, LongSupplier stored) {
    this.folder = folder;
    this.limit = limit;
    this.stored = stored;
  }

  /** Bytes that may be stored now. */
  long left() {
    return Math.max(0, Math.min(FreeSpace.in(folder), leftOfLimit()) - promised.get());
  }

  private long leftOfLimit() {
    return limit - stored.getAsLong();
  }

  /**
   * Keeps room for an upload until it is closed.
   *
   * @throws StorageFullException there is not as much
   */
  Promise promise(long bytes) throws StorageFullException {
    long others = promised.getAndAdd(bytes);
    Promise promise = new Promise(bytes);
    long free = Math.max(0, FreeSpace.in(folder) - others);
    long allowed = Math.max(0, leftOfLimit() - others);
    if (bytes > free || bytes > allowed) {
      promise.close();
      throw bytes > free
          ? new StorageFullException(folder, bytes, free)
          : StorageFullException.beyondLimit(folder, bytes, allowed, limit);
    }
    return promise;
  }

  /** Room for one upload. Used by one thread. */
  final class Promise implements AutoCloseable {
    private long bytes;

    private Promise(long bytes) {
      this.bytes = bytes;
    }

    /** So many bytes lie on the disk now. */
    void used(long count) {
      bytes -= count;
      promised.addAndGet(-count);
    }

    @Override
    public void close() {
      used(bytes);
    }
  }
}
