package io.blendnet.manager;

import java.io.Closeable;
import java.time.Duration;

/** Does something again and again, on a thread of its own, until it is closed. */
final class Ticks implements Closeable {
  private final Thread thread;

  /** Begins at once. */
  Ticks(Runnable action, Duration pause) {
    thread =
        Thread.ofVirtual()
            .name("ticks")
            .start(() -> {
              try {
                while (true) {
                  action.run();
                  Thread.sleep(pause);
                }
              } catch (InterruptedException e) {
                // Closed.
              }
            });
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
