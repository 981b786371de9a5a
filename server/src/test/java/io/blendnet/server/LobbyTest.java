package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real connections on loopback, from several of its addresses; the time is the test's. */
class LobbyTest {
  private static final String GUESSER = "127.0.0.2";
  private static final String OWNER = "127.0.0.3";

  private final AtomicLong now = new AtomicLong();
  private final Lobby lobby =
      new Lobby(new Lobby.Limits(4, 100, 8, Duration.ofSeconds(30), 3), now::get);
  private final List<Closeable> open = new ArrayList<>();
  private ServerSocketChannel listener;

  @BeforeEach
  void listen() throws IOException {
    listener =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    open.add(listener);
  }

  @AfterEach
  void close() throws IOException {
    lobby.close();
    for (Closeable one : open) {
      one.close();
    }
  }

  private SocketChannel connect(String from) throws IOException {
    SocketChannel client =
        SocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    open.add(client);
    client.connect(listener.getLocalAddress());
    SocketChannel accepted = listener.accept();
    open.add(accepted);
    return accepted;
  }

  private SocketChannel arrive(String from) throws IOException {
    SocketChannel accepted = connect(from);
    lobby.arrived(accepted);
    return accepted;
  }

  private SocketAddress guest(String from) throws IOException {
    SocketAddress peer = arrive(from).getRemoteAddress();
    lobby.signedIn(peer);
    return peer;
  }

  @Test
  void whoeverOpensManyPushesOutHisOwnOldest() throws IOException {
    SocketChannel owner = arrive(OWNER);
    SocketChannel oldest = arrive(GUESSER);
    List<SocketChannel> others = List.of(arrive(GUESSER), arrive(GUESSER));

    SocketChannel newest = arrive(GUESSER);

    assertThat(oldest.isOpen()).isFalse();
    assertThat(List.of(owner, others.get(0), others.get(1), newest))
        .allMatch(SocketChannel::isOpen);
    assertThat(lobby.strangers()).isEqualTo(4);
  }

  @Test
  void whoSignedInIsNotPushedOut() throws IOException {
    SocketChannel owner = arrive(GUESSER);
    lobby.signedIn(owner.getRemoteAddress());

    for (int i = 0; i < 20; i++) {
      arrive(GUESSER);
    }

    assertThat(owner.isOpen()).isTrue();
    assertThat(lobby.strangers()).isEqualTo(4);
  }

  @Test
  void aStrangerHasHisTimeAndNoMore() throws IOException {
    SocketChannel stranger = arrive(GUESSER);
    SocketChannel owner = arrive(OWNER);
    lobby.signedIn(owner.getRemoteAddress());

    now.addAndGet(Duration.ofSeconds(30).toNanos());
    lobby.sweep();
    assertThat(stranger.isOpen()).isTrue();
    now.addAndGet(1);
    lobby.sweep();

    assertThat(stranger.isOpen()).isFalse();
    assertThat(owner.isOpen()).isTrue();
  }

  @Test
  void whoIsRefusedTooOftenHasToComeAnew() throws IOException {
    SocketChannel stranger = arrive(GUESSER);
    for (int i = 0; i < 3; i++) {
      lobby.refused(stranger.getRemoteAddress());
    }
    assertThat(stranger.isOpen()).isTrue();

    lobby.refused(stranger.getRemoteAddress());

    assertThat(stranger.isOpen()).isFalse();
  }

  @Test
  void aConnectionIsTrustedUntilAWrongPasswordComesOverIt() throws IOException {
    SocketChannel owner = arrive(OWNER);
    SocketAddress peer = owner.getRemoteAddress();
    assertThat(lobby.trusts(peer)).isFalse();

    lobby.signedIn(peer);
    assertThat(lobby.trusts(peer)).isTrue();
    lobby.refused(peer);
    assertThat(lobby.trusts(peer)).isFalse();
    lobby.signedIn(peer);

    assertThat(lobby.trusts(peer)).isTrue();
    assertThat(owner.isOpen()).isTrue();
  }

  @Test
  void moreThanTheProcessCanHoldAreTurnedAway() throws IOException {
    for (int i = 0; i < 8; i++) {
      guest(OWNER);
    }

    SocketChannel oneMore = connect(OWNER);

    assertThatThrownBy(() -> lobby.arrived(oneMore)).hasMessageContaining("8 connections");
  }

  @Test
  void whatIsClosedMakesRoom() throws IOException {
    for (int i = 0; i < 8; i++) {
      SocketChannel owner = arrive(OWNER);
      lobby.signedIn(owner.getRemoteAddress());
      owner.close();
    }

    assertThat(arrive(OWNER).isOpen()).isTrue();
  }
}
