package io.blendnet.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;

/** Connections of HTTP/2 that tell the watch when they end, and whose frames are guarded. */
record WatchedConnections(ServerConnectionSelector wrapped, RequestWatch watch)
    implements ServerConnectionSelector {
  @Override
  public int bytesToIdentifyConnection() {
    return wrapped.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return wrapped.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return wrapped.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    ConnectionContext guarded = GuardedContext.of(context, new FrameGuard(System::nanoTime));
    return new Watched(wrapped.connection(guarded), context.remotePeer().address(), watch);
  }

  private record Watched(ServerConnection wrapped, SocketAddress peer, RequestWatch watch)
      implements ServerConnection, InterruptableTask<Void> {
    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        wrapped.handle(limit);
      } finally {
        watch.connectionEnded(peer);
      }
    }

    @Override
    public boolean canInterrupt() {
      return !watch.isBusy(peer)
          && wrapped instanceof InterruptableTask<?> task
          && task.canInterrupt();
    }

    @Override
    public Duration idleTime() {
      return watch.isBusy(peer) ? Duration.ZERO : wrapped.idleTime();
    }

    /**
     * Helidon 4.5.0 drops requests in progress as soon as another frame arrives; here they may end.
     */
    @Override
    public void close(boolean interrupt) {
      if (interrupt) {
        wrapped.close(true);
      } else {
        watch.whenIdle(peer, () -> wrapped.close(false));
      }
    }
  }
}
