package io.blendnet.server;

import java.io.IOException;

/** The server cannot listen where it is told to; the message tells why and the way out. */
public final class CannotListenException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int port;

  CannotListenException(int port, String message, Throwable cause) {
    super(message, cause);
    this.port = port;
  }

  static CannotListenException because(String host, int port, IOException cause) {
    String reason = String.valueOf(cause.getMessage());
    if (reason.contains("in use")) {
      return new CannotListenException(
          port,
          "Port %d on %s is taken by another program. Stop that one, or choose another port with listen_port."
              .formatted(port, host),
          cause);
    }
    if (reason.contains("ermission denied")) {
      return new CannotListenException(
          port,
          "This user may not listen on port %d. Choose one above 1023 with listen_port."
              .formatted(port),
          cause);
    }
    return new CannotListenException(
        port,
        "Cannot listen on %s port %d: %s. Is listen_host an address of this machine?"
            .formatted(host, port, reason),
        cause);
  }

  public int port() {
    return port;
  }
}
