package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.security.Credentials;
import io.blendnet.security.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who has to wait; the time is the test's. */
class SignInTest {
  private static final SocketAddress OWNER = peer("192.0.2.1", 1000);
  private static final SocketAddress GUESSER = peer("198.51.100.7", 2000);

  private final AtomicLong now = new AtomicLong();
  private final List<Duration> pauses = new ArrayList<>();
  private final Lobby lobby = new Lobby(Lobby.Limits.ofThisProcess(), now::get);
  private final SignIn signIn =
      new SignIn(
          new Credentials("owner", Secret.of("right")),
          lobby,
          new GuessBrake(now::get, pauses::add));

  private static SocketAddress peer(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  @AfterEach
  void close() {
    lobby.close();
  }

  private static Optional<String> basic(String pair) {
    return Optional.of(
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  private void guess(SocketAddress peer, int times) {
    for (int i = 0; i < times; i++) {
      Optional<String> guess = basic("owner:guess " + i);
      assertThatThrownBy(() -> signIn.require(peer, guess))
          .isInstanceOfSatisfying(
              ApiException.class, refused -> assertThat(refused.status()).isEqualTo(401));
    }
  }

  @Test
  void theOwnerIsInAtOnceWhileSomebodyGuesses() throws Exception {
    guess(GUESSER, 30);
    pauses.clear();

    signIn.require(OWNER, basic("owner:right"));

    assertThat(pauses).isEmpty();
  }

  @Test
  void fromTheGuessersOwnAddressTheOwnerIsInAfterABoundedWait() throws Exception {
    guess(GUESSER, 1_000);
    pauses.clear();

    signIn.require(peer("198.51.100.7", 2001), basic("owner:right"));

    assertThat(pauses).containsExactly(GuessBrake.LONGEST);
  }

  @Test
  void whoeverAsksWithoutAPasswordGuessesNothing() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      assertThatThrownBy(() -> signIn.require(OWNER, Optional.empty()))
          .isInstanceOf(ApiException.class);
    }

    signIn.require(OWNER, basic("owner:right"));

    assertThat(pauses).isEmpty();
  }

  @Test
  void nothingButTheRightPairIsAccepted() throws IOException {
    for (String pair :
        List.of("owner:Right", "owner:", ":right", "owner", "owner:right:", "", ":")) {
      assertThatThrownBy(() -> signIn.require(OWNER, basic(pair))).isInstanceOf(ApiException.class);
    }
  }
}
