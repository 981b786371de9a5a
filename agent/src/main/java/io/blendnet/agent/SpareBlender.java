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

  private final BlenderStarter starter;
  private Optional<FutureTask<LiveBlender>> spare = Optional.empty();
  private boolean closed;

  SpareBlender(BlenderStarter starter) {
    this.starter = starter;
  }

  /** Starts one in the background, unless there is one. */
  synchronized void prepare() {
    if (closed || spare.isPresent()) {
      return;
    }
    FutureTask<LiveBlender> starting = new FutureTask<>(starter::start);
    spare = Optional.of(starting);
    Thread.ofVirtual().name("spare-blender").start(starting);
  }

  /** The spare one, where there is one that lives, else a new one. */
  LiveBlender take() throws SessionException, InterruptedException {
    Optional<FutureTask<LiveBlender>> taken;
    synchronized (this) {
      taken = spare;
      spare = Optional.empty();
    }
    if (taken.isPresent()) {
      try {
        LiveBlender blender = taken.get().get();
        if (blender.session().isAlive()) {
          return blender;
        }
        blender.close();
      } catch (ExecutionException e) {
        // It may have been a passing trouble; whoever starts one now gets to know.
        LOG.warn("The spare Blender did not start: {}", String.valueOf(e.getCause()));
      }
    }
    return starter.start();
  }

  @Override
  public void close() {
    Optional<FutureTask<LiveBlender>> last;
    synchronized (this) {
      closed = true;
      last = spare;
      spare = Optional.empty();
    }
    last.ifPresent(SpareBlender::end);
  }

  private static void end(FutureTask<LiveBlender> starting) {
    // One that is still starting is killed by the interruption.
    starting.cancel(true);
    if (starting.state() == Future.State.SUCCESS) {
      starting.resultNow().close();
    }
  }
}
