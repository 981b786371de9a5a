package io.blendnet.domain;

import java.util.Arrays;

/** What a farm must not do. */
final class Surprise {
  private Surprise() {}

  /**
   * @throws AssertionError with the message, where the condition does not hold
   */
  static void unless(boolean condition, String message, Object... about) {
    if (!condition) {
      throw new AssertionError(message + " " + Arrays.toString(about));
    }
  }
}
