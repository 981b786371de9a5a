package io.blendnet.server;

import io.blendnet.security.Credentials;
import io.blendnet.security.ServerIdentity;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a server listens.
 *
 * @param host address to listen on, such as {@code 0.0.0.0} or {@code 127.0.0.1}
 * @param port 1 to 65535, or 0 for any free one
 * @param identity certificate and key
 * @param credentials what opens every endpoint
 * @param realm what a browser shows when it asks for the password, such as {@code BlendNet Manager}
 * @param storageFolder where uploads end up: one that does not fit there is refused before it
 *     begins
 * @param stopDeadline how long requests in progress may take when the server ends
 */
public record ServerOptions(
    String host,
    int port,
    ServerIdentity identity,
    Credentials credentials,
    String realm,
    Path storageFolder,
    Duration stopDeadline) {
  public static final Duration STOP_DEADLINE = Duration.ofSeconds(5);

  public ServerOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("A port is 0 to 65535, not " + port);
    }
    if (realm.indexOf('"') >= 0 || realm.indexOf('\\') >= 0) {
      throw new IllegalArgumentException("A realm has neither quotes nor back-slashes: " + realm);
    }
  }

  public static ServerOptions of(
      String host,
      int port,
      ServerIdentity identity,
      Credentials credentials,
      String realm,
      Path storageFolder) {
    return new ServerOptions(
        host, port, identity, credentials, realm, storageFolder, STOP_DEADLINE);
  }
}
