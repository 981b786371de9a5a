package io.blendnet.protocol;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a server of the farm listens.
 *
 * @param host host name or IP address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record ServerAddress(String host, int port) {
  private static final int HTTPS = 443;

  public ServerAddress {
    if (host.isBlank()) {
      throw new IllegalArgumentException("The host's name is empty");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("A port is 1 to 65535, not " + port);
    }
    uri(host, port, "/");
  }

  /**
   * Reads {@code https://host:port}, with or without a slash at its end.
   *
   * @throws IllegalArgumentException it is no such address; the message tells what is expected
   */
  public static ServerAddress parse(String text) {
    try {
      var uri = new URI(text);
      boolean root = uri.getRawPath() == null || uri.getRawPath().matches("/?");
      if ("https".equalsIgnoreCase(uri.getScheme())
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && root) {
        String host = uri.getHost().replaceAll("^\\[|]$", "");
        return new ServerAddress(host, uri.getPort() < 0 ? HTTPS : uri.getPort());
      }
    } catch (URISyntaxException e) {
      throw notAnAddress(text, e);
    }
    throw notAnAddress(text, null);
  }

  /**
   * A path under {@code /api/v1}.
   *
   * @param path percent-encoded, without a slash in front, with its query
   */
  URI api(String path) {
    return URI.create(this + "/api/v1/" + path);
  }

  /** As in {@code https://host:port}. */
  @Override
  public String toString() {
    return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static void uri(String host, int port, String path) {
    try {
      var _ = new URI("https", null, host, port, path, null, null);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("No host's name: '" + host + "'", e);
    }
  }

  private static IllegalArgumentException notAnAddress(
      String text, @org.jspecify.annotations.Nullable Throwable cause) {
    return new IllegalArgumentException(
        "The address of a server looks like https://host:8443, not '" + text + "'", cause);
  }
}
