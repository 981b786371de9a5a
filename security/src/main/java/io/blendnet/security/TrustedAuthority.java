package io.blendnet.security;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * The authority that a client of a farm trusts, and no other: none that the system or the Java
 * runtime knows. A server's own self-signed certificate will do as well. Immutable and thread-safe.
 */
public final class TrustedAuthority {
  private final List<X509Certificate> certificates;

  private TrustedAuthority(List<X509Certificate> certificates) {
    this.certificates = List.copyOf(certificates);
  }

  /**
   * Reads a file such as {@code ca.crt}.
   *
   * @param certificateFile PEM; more than one certificate, as while an authority is replaced, are
   *     all trusted
   * @throws IOException when it is not there or holds no certificate
   */
  public static TrustedAuthority load(Path certificateFile) throws IOException {
    return new TrustedAuthority(Pem.certificates(certificateFile));
  }

  public static TrustedAuthority of(X509Certificate certificate) {
    return new TrustedAuthority(List.of(certificate));
  }

  /**
   * Reads a certificate that was kept as text.
   *
   * @param text PEM
   * @throws IOException when it holds no certificate
   */
  public static TrustedAuthority ofPem(String text) throws IOException {
    return new TrustedAuthority(Pem.certificates(text, "The authority's certificate"));
  }

  public String pem() {
    return Pem.write(certificates);
  }

  /**
   * A context for clients, whose handshakes fail with a server of another authority. Whoever does
   * not use it through {@code java.net.http} or another HTTPS client must set {@link
   * #clientParameters()}, else names are not checked.
   */
  public SSLContext clientContext() {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        trusted.setCertificateEntry("authority-" + i, certificates.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("This Java runtime has no TLS", e);
    }
  }

  /** TLS 1.2 and 1.3 with strong suites; the server's name is checked as HTTPS demands. */
  public SSLParameters clientParameters() {
    SSLParameters parameters = TlsRules.parameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    return parameters;
  }
}
