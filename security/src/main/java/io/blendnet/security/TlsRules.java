package io.blendnet.security;

import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * What both ends of a connection insist on: TLS 1.2 or 1.3, forward secrecy, authenticated
 * encryption.
 */
final class TlsRules {
  private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  private TlsRules() {}

  static SSLParameters parameters() {
    String[] suites =
        Arrays.stream(defaults().getSupportedSSLParameters().getCipherSuites())
            .filter(TlsRules::isStrong)
            .toArray(String[]::new);
    return new SSLParameters(suites, PROTOCOLS.toArray(String[]::new));
  }

  private static SSLContext defaults() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java runtime has no TLS", e);
    }
  }

  /** Suites of TLS 1.3 name no key exchange: they always have forward secrecy. */
  private static boolean isStrong(String suite) {
    boolean authenticated = suite.contains("_GCM_") || suite.contains("CHACHA20_POLY1305");
    boolean forwardSecret =
        suite.startsWith("TLS_ECDHE_")
            || suite.startsWith("TLS_AES_")
            || suite.startsWith("TLS_CHACHA20_");
    return authenticated && forwardSecret;
  }
}
