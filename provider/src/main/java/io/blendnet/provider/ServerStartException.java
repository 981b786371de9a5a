package io.blendnet.provider;

import java.io.Serial;

/** A server did not come up. The message is for the user and holds the server's last words. */
public final class ServerStartException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  ServerStartException(String message) {
    super(message);
  }

  ServerStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
