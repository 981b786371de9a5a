package io.blendnet.security;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A server's certificate and its private key. Immutable and thread-safe. */
public final class ServerIdentity {
  /** Name of the certificate's file. */
  public static final String CERTIFICATE_FILE = "server.crt";

  /** Name of the key's file. */
  public static final String KEY_FILE = "server.key";

  /** A certificate of ours with less time left than this is renewed at the next start. */
  static final Duration RENEWAL = Duration.ofDays(60);

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  ServerIdentity(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = key;
  }

  /**
   * Reads an identity that is there.
   *
   * @param certificateFile PEM: the server's certificate first, then those that it was issued by
   * @param keyFile PEM, without passphrase; made private where it is not
   * @throws IOException when they cannot be read or do not belong together
   */
  public static ServerIdentity load(Path certificateFile, Path keyFile) throws IOException {
    List<X509Certificate> chain = Pem.certificates(certificateFile);
    PrivateKey key = Pem.privateKey(keyFile);
    if (!Keys.belongTogether(chain.getFirst().getPublicKey(), key)) {
      throw new IOException(keyFile + " is not the key of " + certificateFile);
    }
    return new ServerIdentity(chain, key);
  }

  /**
   * The identity in {@code server.crt} and {@code server.key} of a folder, or a new one where there
   * is none. What somebody else put there is never replaced. A certificate that this very authority
   * issued is renewed, with the same key, when it ends within 60 days or lacks one of the names.
   *
   * @param folder is created, private, where it is missing
   * @param commonName for people to read
   * @param namesAndAddresses DNS names and IP literals, at least one: what clients call the server
   * @throws IOException when the certificate is there without its key, or they do not fit
   */
  public static ServerIdentity openOrIssue(
      Path folder, FarmAuthority authority, String commonName, Collection<String> namesAndAddresses)
      throws IOException {
    Path certificateFile = folder.resolve(CERTIFICATE_FILE);
    Path keyFile = folder.resolve(KEY_FILE);
    PrivateFiles.createFolder(folder);
    if (!Files.exists(certificateFile)) {
      KeyPair keys = Keys.openOrCreate(keyFile);
      ServerIdentity issued = authority.certify(keys, commonName, namesAndAddresses);
      try {
        PrivateFiles.create(certificateFile, Pem.bytes(issued.certificatePem()));
        return issued;
      } catch (FileAlreadyExistsException _) {
        // Another program was quicker; its certificate is the server's.
      }
    }
    if (!Files.exists(keyFile)) {
      throw new IOException(
          "%s is there, but its key %s is not. Put the key there, or move %s away to have both made"
              .formatted(certificateFile, keyFile, CERTIFICATE_FILE));
    }
    ServerIdentity present = load(certificateFile, keyFile);
    if (!present.shouldBeRenewed(authority, namesAndAddresses)) {
      return present;
    }
    KeyPair keys = new KeyPair(present.certificate().getPublicKey(), present.key);
    ServerIdentity renewed = authority.certify(keys, commonName, namesAndAddresses);
    PrivateFiles.replace(certificateFile, Pem.bytes(renewed.certificatePem()));
    return renewed;
  }

  /**
   * Writes both files, the key first, each private.
   *
   * @throws FileAlreadyExistsException when one of them is there; both are left as they are
   */
  public void store(Path certificateFile, Path keyFile) throws IOException {
    if (Files.exists(certificateFile)) {
      throw new FileAlreadyExistsException(certificateFile.toString());
    }
    PrivateFiles.create(keyFile, Pem.bytes(privateKeyPem()));
    PrivateFiles.create(certificateFile, Pem.bytes(certificatePem()));
  }

  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /** The DNS names and addresses that the certificate is good for. */
  public Set<String> names() {
    return Certificates.namesOf(certificate());
  }

  /** When clients stop accepting the certificate. */
  public Instant expires() {
    return certificate().getNotAfter().toInstant();
  }

  /** The certificate and those that it was issued by, as text. */
  public String certificatePem() {
    return Pem.write(chain);
  }

  /** The private key as text, for a private file and nothing else. */
  public String privateKeyPem() {
    return Pem.write(key);
  }

  /** A context for servers. Use it with {@link #serverParameters()}. */
  public SSLContext serverContext() {
    // The key store never leaves memory; its password is a formality.
    char[] password = "memory".toCharArray();
    try {
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      own.setKeyEntry("server", key, password, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(own, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("This Java runtime has no TLS", e);
    }
  }

  /** TLS 1.2 and 1.3 with strong suites in the server's own order. */
  public SSLParameters serverParameters() {
    SSLParameters parameters = TlsRules.parameters();
    parameters.setUseCipherSuitesOrder(true);
    return parameters;
  }

  private boolean shouldBeRenewed(FarmAuthority authority, Collection<String> wanted) {
    if (!authority.hasIssued(certificate())) {
      return false;
    }
    boolean ends = expires().isBefore(authority.clock().instant().plus(RENEWAL));
    return ends || !names().containsAll(Certificates.canonical(wanted));
  }
}
