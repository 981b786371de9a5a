package io.blendnet.storage.spi;

import java.io.IOException;

/** A file that should be a store but is none, is damaged, or was written by a newer BlendNet. */
public final class StoreFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreFormatException(String message) {
    super(message);
  }

  public StoreFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
