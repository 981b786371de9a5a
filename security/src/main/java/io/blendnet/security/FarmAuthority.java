package io.blendnet.security;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;

/**
 * A farm's own certificate authority: {@code ca.crt}, which every client of the farm trusts, and
 * {@code ca.key} (mode 0600), which stays with the Manager. Valid for ten years, from a day ago on,
 * for machines whose clock is behind. Immutable and thread-safe.
 */
public final class FarmAuthority {
  /** Name of the certificate's file. */
  public static final String CERTIFICATE_FILE = "ca.crt";

  /** Name of the key's file. */
  public static final String KEY_FILE = "ca.key";

  private final X509Certificate certificate;
  private final PrivateKey key;
  private final InstantSource clock;

  private FarmAuthority(X509Certificate certificate, PrivateKey key, InstantSource clock) {
    this.certificate = certificate;
    this.key = key;
    this.clock = clock;
  }

  /** As {@link #openOrCreate(Path, InstantSource)}, by the system's clock. */
  public static FarmAuthority openOrCreate(Path folder) throws IOException {
    return openOrCreate(folder, InstantSource.system());
  }

  /**
   * Opens the authority in a folder, or makes one where there is none. Files that are there are
   * never replaced. Several programs may do this at once: all get the same authority.
   *
   * @param folder is created, private, where it is missing
   * @throws IOException when {@code ca.crt} is there without {@code ca.key} (a farm that somebody
   *     else is the authority of), or when they cannot be read or do not belong together
   */
  public static FarmAuthority openOrCreate(Path folder, InstantSource clock) throws IOException {
    Path certificateFile = folder.resolve(CERTIFICATE_FILE);
    Path keyFile = folder.resolve(KEY_FILE);
    PrivateFiles.createFolder(folder);
    if (!Files.exists(certificateFile)) {
      // The key first. A key alone, left by an interrupted start, is no obstacle: whoever finds it
      // makes the certificate for it.
      KeyPair keys = Keys.openOrCreate(keyFile);
      createUnlessThere(certificateFile, Certificates.authority(keys, clock.instant()));
    } else if (!Files.exists(keyFile)) {
      throw new IOException(
          "%s is there, but its key %s is not, so no certificate can be made for this farm. Put the key there, or give the servers certificates of their own (server.crt and server.key), or move %s away to start with a new authority"
              .formatted(certificateFile, keyFile, CERTIFICATE_FILE));
    }
    X509Certificate certificate = Pem.certificates(certificateFile).getFirst();
    PrivateKey key = Pem.privateKey(keyFile);
    if (!Keys.belongTogether(certificate.getPublicKey(), key)) {
      throw new IOException(keyFile + " is not the key of " + certificateFile);
    }
    return new FarmAuthority(certificate, key, clock);
  }

  /** What clients of this farm trust. */
  public TrustedAuthority trusted() {
    return TrustedAuthority.of(certificate);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** The certificate as text: the content of {@code ca.crt}. */
  public String certificatePem() {
    return Pem.write(List.of(certificate));
  }

  /**
   * Makes a key and a certificate for a server, valid for 820 days from a day ago on.
   *
   * @param commonName for people to read; names are not checked by it
   * @param namesAndAddresses DNS names and IP literals, at least one: what clients call the server
   * @throws IllegalArgumentException when one of them is neither
   */
  public ServerIdentity issue(String commonName, Collection<String> namesAndAddresses) {
    return certify(Keys.create(), commonName, namesAndAddresses);
  }

  ServerIdentity certify(KeyPair keys, String commonName, Collection<String> namesAndAddresses) {
    X509Certificate server =
        Certificates.server(
            keys.getPublic(), commonName, namesAndAddresses, certificate, key, clock.instant());
    return new ServerIdentity(List.of(server), keys.getPrivate());
  }

  boolean hasIssued(X509Certificate server) {
    return Certificates.isSignedBy(server, certificate);
  }

  InstantSource clock() {
    return clock;
  }

  private static void createUnlessThere(Path file, X509Certificate certificate) throws IOException {
    try {
      PrivateFiles.create(file, Pem.bytes(Pem.write(List.of(certificate))));
    } catch (FileAlreadyExistsException _) {
      // Another program was quicker; its certificate is the farm's.
    }
  }
}
