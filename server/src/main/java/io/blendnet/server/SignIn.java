package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.security.Credentials;
import io.blendnet.security.PasswordCheck;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Basic authentication, RFC 7617. A connection over which the right password came is trusted: what
 * comes over it does not wait. Thread-safe.
 */
final class SignIn {
  private static final String SCHEME = "basic ";

  private final PasswordCheck check;
  private final Lobby lobby;
  private final GuessBrake brake;

  SignIn(Credentials credentials, Lobby lobby, GuessBrake brake) {
    this.check = new PasswordCheck(credentials);
    this.lobby = lobby;
    this.brake = brake;
  }

  /**
   * Lets the right ones pass, and refuses all others with the same words.
   *
   * @param peer whose connection it came over
   */
  void require(SocketAddress peer, Optional<String> authorization) throws InterruptedException {
    Optional<Presented> presented = authorization.flatMap(SignIn::decode);
    if (presented.isEmpty()) {
      // Browsers and scripts ask without a password first; nothing is guessed by that.
      throw refused(peer);
    }
    String user = presented.get().user();
    String password = presented.get().password();
    ClientNetwork network = ClientNetwork.of(peer);
    if (!lobby.trusts(peer)) {
      brake.await(network);
    }
    if (!check.accepts(user, password)) {
      brake.wrong(network, check.fingerprint(user, password));
      throw refused(peer);
    }
    lobby.signedIn(peer);
    brake.right(network);
  }

  private ApiException refused(SocketAddress peer) {
    lobby.refused(peer);
    return new ApiException(
        ErrorCode.UNAUTHORIZED, "User and password are needed, or wrong ones were given");
  }

  private static Optional<Presented> decode(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(authorization.substring(SCHEME.length()).trim());
      String pair = new String(decoded, StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.of(new Presented(pair, ""))
          : Optional.of(new Presented(pair.substring(0, colon), pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What somebody says who he is. */
  private record Presented(String user, String password) {
    @Override
    public String toString() {
      return "(hidden)";
    }
  }
}
