package io.blendnet.server;

import java.io.IOException;

/** A client broke off in the middle of an upload. Nobody is there to be told. */
final class ClientGoneException extends IOException {
  private static final long serialVersionUID = 1L;

  ClientGoneException(long received, long announced, Throwable cause) {
    super("The client broke off after %,d of %,d bytes".formatted(received, announced), cause);
  }
}
