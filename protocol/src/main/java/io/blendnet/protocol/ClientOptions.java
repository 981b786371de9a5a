package io.blendnet.protocol;

import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * How a client reaches a server.
 *
 * @param tls trusts the farm's authority alone; host names are checked in any case
 * @param user for Basic authentication
 * @param password asked at every request, so that a changed one is taken up
 * @param connectTimeout until the connection stands
 * @param requestTimeout until an answer begins; for a file: without a byte moving
 * @param attempts how often an idempotent call is tried in all when the connection fails, at least
 *     1
 */
public record ClientOptions(
    ServerAddress server,
    SSLContext tls,
    String user,
    Supplier<String> password,
    Duration connectTimeout,
    Duration requestTimeout,
    int attempts) {
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  public static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  public static final int ATTEMPTS = 4;

  public ClientOptions {
    if (attempts < 1) {
      throw new IllegalArgumentException("At least one attempt, not " + attempts);
    }
  }

  public static ClientOptions of(
      ServerAddress server, SSLContext tls, String user, Supplier<String> password) {
    return new ClientOptions(
        server, tls, user, password, CONNECT_TIMEOUT, REQUEST_TIMEOUT, ATTEMPTS);
  }

  public ClientOptions withTimeouts(Duration connect, Duration request) {
    return new ClientOptions(server, tls, user, password, connect, request, attempts);
  }

  public ClientOptions withAttempts(int count) {
    return new ClientOptions(server, tls, user, password, connectTimeout, requestTimeout, count);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ClientOptions[%s@%s]".formatted(user, server);
  }
}
