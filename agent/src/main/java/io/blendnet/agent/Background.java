package io.blendnet.agent;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is being made ready in the background, and is then to be taken by {@link #await}
 * or to be {@link #end ended}. Thread-safe.
 */
final class Background<T extends Closeable> {
  private static final Logger LOG = LoggerFactory.getLogger(Background.class);

  private final FutureTask<T> result;
  private final Thread thread;

  private Background(FutureTask<T> result, Thread thread) {
    this.result = result;
    this.thread = thread;
  }

  /**
   * Begins.
   *
   * @param making ends soon when it is interrupted, and leaves nothing then
   */
  static <T extends Closeable> Background<T> begin(String name, Callable<T> making) {
    FutureTask<T> result = new FutureTask<>(making);
    return new Background<>(result, Thread.ofVirtual().name(name).start(result));
  }

  /** Whether it is there. */
  boolean isReady() {
    return result.state() == Future.State.SUCCESS;
  }

  /** What is there. */
  T ready() {
    return result.resultNow();
  }

  /**
   * Waits for it.
   *
   * @throws ExecutionException it was not made, for the cause that this has
   */
  T await() throws ExecutionException, InterruptedException {
    return result.get();
  }

  /** Interrupts the making, without waiting for its end. */
  void interrupt() {
    thread.interrupt();
  }

  /** On return nothing of it is left, whether it was ready or still being made. */
  void end() {
    // Not by cancelling the result: what is ready by then would be forgotten and live on.
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (isReady()) {
      try {
        ready().close();
      } catch (IOException e) {
        LOG.warn("What was made in the background did not close: {}", e.toString());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
