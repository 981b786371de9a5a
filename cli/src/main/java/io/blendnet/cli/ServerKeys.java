package io.blendnet.cli;

import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A server's certificate with its key, and what its clients have to trust.
 *
 * @param authorityFile what clients are given
 */
record ServerKeys(ServerIdentity identity, TrustedAuthority trusted, Path authorityFile) {
  /** In the data folder: an authority that was made here. */
  static final String AUTHORITY_FOLDER = "authority";

  /** Whatever these servers are reached by on their own computer. */
  private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "::1");

  /**
   * Takes {@code server.crt} and {@code server.key} where they stand beside the configuration, with
   * the {@code ca.crt} there; else makes what is missing in the data folder.
   */
  static ServerKeys of(ServerSettings settings, String commonName) throws IOException {
    Path certificate = settings.folder().resolve(ServerIdentity.CERTIFICATE_FILE);
    if (Files.exists(certificate)) {
      Path authority = settings.folder().resolve(FarmAuthority.CERTIFICATE_FILE);
      // Without an authority's, clients trust the very certificate.
      Path trusted = Files.exists(authority) ? authority : certificate;
      return new ServerKeys(
          ServerIdentity.load(certificate, settings.folder().resolve(ServerIdentity.KEY_FILE)),
          TrustedAuthority.load(trusted),
          trusted);
    }
    boolean ownAuthority = Files.exists(settings.folder().resolve(FarmAuthority.CERTIFICATE_FILE));
    Path authorityFolder =
        ownAuthority ? settings.folder() : settings.dataFolder().resolve(AUTHORITY_FOLDER);
    FarmAuthority authority = FarmAuthority.openOrCreate(authorityFolder);
    ServerIdentity identity =
        ServerIdentity.openOrIssue(
            settings.dataFolder().resolve("certificate"), authority, commonName, names(settings));
    return new ServerKeys(
        identity, authority.trusted(), authorityFolder.resolve(FarmAuthority.CERTIFICATE_FILE));
  }

  private static Set<String> names(ServerSettings settings) {
    var names = new LinkedHashSet<>(LOCAL);
    if (!Set.of("0.0.0.0", "::", "localhost").contains(settings.listenHost())) {
      names.add(settings.listenHost());
    }
    try {
      names.add(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      // A computer whose own name nobody knows cannot be reached by it.
    }
    names.addAll(settings.hostNames());
    return names;
  }
}
