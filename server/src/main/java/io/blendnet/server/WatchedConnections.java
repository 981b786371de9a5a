package io.blendnet.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;

/** Connections of HTTP/2 that tell the watch when they end. */
record WatchedConnections(ServerConnectionSelector wrapped, UploadWatch watch)
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
    return new Watched(wrapped.connection(context), context.remotePeer().address(), watch);
  }

  private record Watched(ServerConnection wrapped, SocketAddress peer, UploadWatch watch)
      implements ServerConnection {
    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        wrapped.handle(limit);
      } finally {
        watch.connectionEnded(peer);
      }
    }

    @Override
    public Duration idleTime() {
      return wrapped.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      wrapped.close(interrupt);
    }
  }
}
