package io.blendnet.agent;

import io.blendnet.blender.SessionException;
import java.io.Closeable;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Blender that is started before it is needed, without a scene: starting takes a second that the
 * first cell would otherwise wait for. Thread-safe.
 */
final class SpareBlender implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(SpareBlender.class);

  private final BlenderStarter starter;
  private Optional<Background<LiveBlender>> spare = Optional.empty();
  private boolean closed;

  SpareBlender(BlenderStarter starter) {
    this.starter = starter;
  }

  /** Starts one in the background, unless there is one. */
  synchronized void prepare() {
    if (closed || spare.isPresent()) {
      return;
    }
    spare = Optional.of(Background.begin("spare-blender", starter::start));
  }

  /** The spare one, where there is one that lives, else a new one. */
  LiveBlender take() throws SessionException, InterruptedException {
    Optional<Background<LiveBlender>> taken = remove();
    if (taken.isPresent()) {
      try {
        LiveBlender blender = taken.get().await();
        if (blender.session().isAlive()) {
          return blender;
        }
        blender.close();
      } catch (ExecutionException e) {
        // It may have been a passing trouble; whoever starts one now gets to know.
        LOG.warn("The spare Blender did not start: {}", String.valueOf(e.getCause()));
      } catch (InterruptedException e) {
        taken.get().end();
        throw e;
      }
    }
    return starter.start();
  }

  private synchronized Optional<Background<LiveBlender>> remove() {
    Optional<Background<LiveBlender>> removed = spare;
    spare = Optional.empty();
    return removed;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    remove().ifPresent(Background::end);
  }
}
