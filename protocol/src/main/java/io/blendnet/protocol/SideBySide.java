package io.blendnet.protocol;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Does several things at a time, on virtual threads. */
final class SideBySide {
  private SideBySide() {}

  /** Something that talks to a server. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Returns when all are done. Where one fails the others are interrupted, and the first failure is
   * thrown when they have ended.
   *
   * @param most at the same time
   */
  static void run(int most, List<Action> actions) throws IOException, InterruptedException {
    if (actions.size() == 1) {
      actions.getFirst().run();
      return;
    }
    try (ExecutorService threads =
        Executors.newFixedThreadPool(most, Thread.ofVirtual().factory())) {
      var done = new ExecutorCompletionService<Void>(threads);
      for (Action action : actions) {
        done.submit(() -> {
          action.run();
          return null;
        });
      }
      try {
        for (int left = actions.size(); left > 0; left--) {
          done.take().get();
        }
      } catch (ExecutionException e) {
        threads.shutdownNow();
        rethrow(e);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        throw e;
      }
    }
  }

  private static void rethrow(ExecutionException failure) throws IOException, InterruptedException {
    switch (failure.getCause()) {
      case IOException cause -> throw cause;
      case InterruptedException cause -> throw cause;
      case RuntimeException cause -> throw cause;
      case Error cause -> throw cause;
      case null, default -> throw new IllegalStateException(failure);
    }
  }
}
