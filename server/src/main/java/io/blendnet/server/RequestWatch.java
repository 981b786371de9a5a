package io.blendnet.server;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Wakes threads that wait for bytes that will never come. Helidon 4.5.0 leaves a request of HTTP/2
 * waiting for ever when its connection breaks in the middle of an upload, and no version of HTTP
 * ends a client that is connected and sends nothing. Thread-safe.
 */
final class RequestWatch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(5);

  private final Map<SocketAddress, Set<UploadRead>> byPeer = new ConcurrentHashMap<>();
  private final Map<SocketAddress, Runnable> whenIdle = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("request-watch").factory());

  /**
   * Starts to watch.
   *
   * @param patience how long a client may send nothing in the middle of a body
   */
  RequestWatch(Duration patience) {
    var _ =
        clock.scheduleWithFixedDelay(
            () -> breakOffStalled(patience),
            PERIOD.toMillis(),
            PERIOD.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Watches a request until {@link #end}. */
  UploadRead begin(SocketAddress peer) {
    var read = new UploadRead();
    byPeer.compute(
        peer,
        (_, reads) -> {
          Set<UploadRead> all = reads == null ? ConcurrentHashMap.newKeySet() : reads;
          all.add(read);
          return all;
        });
    return read;
  }

  void end(SocketAddress peer, UploadRead read) {
    var left =
        byPeer.computeIfPresent(
            peer,
            (_, reads) -> {
              reads.remove(read);
              return reads.isEmpty() ? null : reads;
            });
    if (left == null) {
      Runnable waiting = whenIdle.remove(peer);
      if (waiting != null) {
        waiting.run();
      }
    }
  }

  /** Whether a request of this client is in progress. */
  boolean isBusy(SocketAddress peer) {
    return byPeer.containsKey(peer);
  }

  /** Runs it as soon as no request of this client is in progress. */
  void whenIdle(SocketAddress peer, Runnable action) {
    whenIdle.put(peer, action);
    if (!isBusy(peer)) {
      Runnable waiting = whenIdle.remove(peer);
      if (waiting != null) {
        waiting.run();
      }
    }
  }

  /** The connection is gone, and with it all that was still to come over it. */
  void connectionEnded(SocketAddress peer) {
    whenIdle.remove(peer);
    Set<UploadRead> reads = byPeer.remove(peer);
    if (reads != null) {
      reads.forEach(UploadRead::breakOff);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  private void breakOffStalled(Duration patience) {
    for (Set<UploadRead> reads : byPeer.values()) {
      for (UploadRead read : reads) {
        if (read.waitsLongerThan(patience)) {
          read.breakOff();
        }
      }
    }
  }
}
