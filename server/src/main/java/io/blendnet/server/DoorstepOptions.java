package io.blendnet.server;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Options of sockets, and a word to the lobby about each new connection: nothing else in Helidon
 * 4.5.0 is told of one before its first bytes have come.
 */
record DoorstepOptions(SocketOptions wrapped, Lobby lobby) implements SocketOptions {
  @Override
  public void configureSocket(SocketChannel socket) {
    wrapped.configureSocket(socket);
    try {
      lobby.arrived(socket);
    } catch (IOException e) {
      // Helidon closes the connection then, and goes on listening.
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return wrapped.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return wrapped.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return wrapped.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return wrapped.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return wrapped.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return wrapped.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return wrapped.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return wrapped.tcpNoDelay();
  }
}
