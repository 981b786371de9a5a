package io.blendnet.manager;

import java.io.IOException;

/** An agent says or delivers more than any honest one does; the message goes on from its name. */
final class ExcessException extends IOException {
  private static final long serialVersionUID = 1L;

  ExcessException(String message) {
    super(message);
  }
}
