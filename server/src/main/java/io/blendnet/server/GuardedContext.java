package io.blendnet.server;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** A connection whose bytes a guard looks at before Helidon does. */
record GuardedContext(ConnectionContext wrapped, DataReader dataReader)
    implements ConnectionContext {
  static GuardedContext of(ConnectionContext context, FrameGuard guard) {
    DataReader reader = context.dataReader();
    return new GuardedContext(context, DataReader.create(() -> next(reader, guard)));
  }

  /** What came next; null at the end. */
  private static byte @Nullable [] next(DataReader reader, FrameGuard guard) {
    try {
      reader.ensureAvailable();
    } catch (DataReader.InsufficientDataAvailableException e) {
      return null;
    }
    byte[] bytes = reader.readBytes(reader.available());
    guard.look(bytes);
    return bytes;
  }

  @Override
  public ListenerContext listenerContext() {
    return wrapped.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return wrapped.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return wrapped.dataWriter();
  }

  @Override
  public Router router() {
    return wrapped.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return wrapped.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return wrapped.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return wrapped.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return wrapped.localPeer();
  }

  @Override
  public boolean isSecure() {
    return wrapped.isSecure();
  }

  @Override
  public String socketId() {
    return wrapped.socketId();
  }

  @Override
  public String childSocketId() {
    return wrapped.childSocketId();
  }
}
