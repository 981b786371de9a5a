package io.blendnet.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has a long file brought onto the disk while it is still being written: left to itself, the system
 * begins with that when a good part of the memory is full, and whoever waits for the file in the
 * end waits for all of it. Used by one thread.
 */
final class WriteBehind {
  private static final long STRIDE = 32L * 1024 * 1024;

  private final FileChannel file;
  private final Executor threads;
  private final AtomicBoolean busy = new AtomicBoolean();
  private long since;

  WriteBehind(FileChannel file, Executor threads) {
    this.file = file;
    this.threads = threads;
  }

  /** So many bytes more have been written. */
  void wrote(int bytes) {
    since += bytes;
    if (since >= STRIDE && busy.compareAndSet(false, true)) {
      since = 0;
      threads.execute(this::force);
    }
  }

  private void force() {
    try {
      file.force(false);
    } catch (IOException e) {
      // Whoever waits for the file in the end meets it, too; or the file is closed by now.
    } finally {
      busy.set(false);
    }
  }
}
