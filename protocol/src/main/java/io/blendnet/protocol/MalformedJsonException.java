package io.blendnet.protocol;

import java.io.IOException;
import tools.jackson.core.JacksonException;

/** These bytes are no JSON, or exceed the limits of {@link WireJson}. */
public final class MalformedJsonException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedJsonException(JacksonException cause) {
    super("Not the JSON that is expected: " + JsonFailures.reason(cause), cause);
  }
}
