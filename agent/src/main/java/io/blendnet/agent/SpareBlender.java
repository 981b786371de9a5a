package io.blendnet.agent;

import io.blendnet.blender.SessionException;
import java.io.Closeable;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Blender that is started before it is needed, without a scene: starting takes a second that the
 * first cell would otherwise wait for. Thread-safe.
 */
final class SpareBlender implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(SpareBlender.class);

  private record Starting(FutureTask<LiveBlender> result, Thread thread) {}

  private final BlenderStarter starter;
  private Optional<Starting> spare = Optional.empty();
  private boolean closed;

  SpareBlender(BlenderStarter starter) {
    this.starter = starter;
  }

  /** Starts one in the background, unless there is one. */
  synchronized void prepare() {
    if (closed || spare.isPresent()) {
      return;
    }
    FutureTask<LiveBlender> result = new FutureTask<>(starter::start);
    Thread thread = Thread.ofVirtual().name("spare-blender").start(result);
    spare = Optional.of(new Starting(result, thread));
  }

  /** The spare one, where there is one that lives, else a new one. */
  LiveBlender take() throws SessionException, InterruptedException {
    Optional<Starting> taken = remove();
    if (taken.isPresent()) {
      try {
        LiveBlender blender = taken.get().result().get();
        if (blender.session().isAlive()) {
          return blender;
        }
        blender.close();
      } catch (ExecutionException e) {
        // It may have been a passing trouble; whoever starts one now gets to know.
        LOG.warn("The spare Blender did not start: {}", String.valueOf(e.getCause()));
      } catch (InterruptedException e) {
        end(taken.get());
        throw e;
      }
    }
    return starter.start();
  }

  private synchronized Optional<Starting> remove() {
    Optional<Starting> removed = spare;
    spare = Optional.empty();
    return removed;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    remove().ifPresent(SpareBlender::end);
  }

  /** On return nothing of it is left, whether it was ready or still starting. */
  private static void end(Starting starting) {
    // Not by cancelling the result: a Blender that is ready by then would be forgotten and live on.
    starting.thread().interrupt();
    boolean interrupted = false;
    while (starting.thread().isAlive()) {
      try {
        starting.thread().join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (starting.result().state() == Future.State.SUCCESS) {
      starting.result().resultNow().close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
