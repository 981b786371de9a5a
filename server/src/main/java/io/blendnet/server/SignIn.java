package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.security.Credentials;
import io.blendnet.security.PasswordCheck;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Basic authentication, RFC 7617. Thread-safe. */
final class SignIn {
  private static final String SCHEME = "basic ";

  private final PasswordCheck check;

  SignIn(Credentials credentials) {
    check = new PasswordCheck(credentials);
  }

  /** Lets the right ones pass, and refuses all others with the same words. */
  void require(Optional<String> authorization) {
    String presented = authorization.flatMap(SignIn::decode).orElse(":");
    int colon = presented.indexOf(':');
    String user = colon < 0 ? presented : presented.substring(0, colon);
    String password = colon < 0 ? "" : presented.substring(colon + 1);
    if (!check.accepts(user, password)) {
      throw new ApiException(
          ErrorCode.UNAUTHORIZED, "User and password are needed, or wrong ones were given");
    }
  }

  private static Optional<String> decode(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(authorization.substring(SCHEME.length()).trim());
      return Optional.of(new String(decoded, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
