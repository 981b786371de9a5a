package io.blendnet.protocol;

import java.util.Optional;

/**
 * The envelope of a success.
 *
 * @param success always true
 * @param message what was done, or a warning for the user; empty where there is nothing to say
 * @param data what was asked for
 */
public record Answer(boolean success, String message, Optional<Object> data) {
  public static Answer of(Object data) {
    return new Answer(true, "", Optional.of(data));
  }

  public static Answer done(String message) {
    return new Answer(true, message, Optional.empty());
  }
}
