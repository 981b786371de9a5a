package io.blendnet.exr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Spreads pieces of work over the computer's cores. The caller waits, deaf to interrupts, and never
 * works itself: it may be a virtual thread, and an interrupt would close the files in use.
 */
final class Cores {
  /** Less work than this isn't worth a thread of its own. */
  private static final long BYTES_PER_THREAD = 1 << 20;

  /** What all threads together may hold in their buffers. */
  private static final long BUFFER_LIMIT = 768L << 20;

  private Cores() {}

  /** Does pieces of work, one after the other; each thread has a worker of its own. */
  interface Worker extends AutoCloseable {
    void take(int piece) throws IOException;

    @Override
    default void close() {}
  }

  /**
   * Hands the pieces out in ascending order.
   *
   * @param pieces their number
   * @param pieceBytes about how much data a piece has; a worker's buffers hold a few times as much
   * @throws IOException the first failure of a piece; no more pieces are begun after it
   */
  static void forEach(int pieces, long pieceBytes, Supplier<? extends Worker> workers)
      throws IOException {
    long worthwhile = Math.min(pieces, pieces * pieceBytes / BYTES_PER_THREAD);
    long affordable = BUFFER_LIMIT / (4 * pieceBytes);
    long cores = Runtime.getRuntime().availableProcessors();
    int threads = (int) Math.max(1, Math.min(worthwhile, Math.min(affordable, cores)));
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Runnable work =
        () -> {
          try (Worker worker = workers.get()) {
            for (int piece = next.getAndIncrement();
                piece < pieces && failure.get() == null;
                piece = next.getAndIncrement()) {
              worker.take(piece);
            }
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          }
        };
    List<Thread> started = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      started.add(Thread.ofPlatform().daemon().name("exr-" + i).start(work));
    }
    started.forEach(Cores::join);
    switch (failure.get()) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
