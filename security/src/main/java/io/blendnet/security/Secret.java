package io.blendnet.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A password or another text that must not be seen. It does not show in {@link #toString()}, and
 * two secrets are compared in a time that does not depend on where they differ. Immutable.
 */
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /**
   * Takes a text that somebody chose.
   *
   * @param value at least one character, none of them a control character
   */
  public static Secret of(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(
          "An empty password protects nothing; give one, or none to have one made");
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "A password holds no control characters (a stray line end?)");
    }
    return new Secret(value);
  }

  /** The text itself, for the place that needs it: a header, a private file. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "(hidden)";
  }

  private byte[] bytes() {
    return value.getBytes(StandardCharsets.UTF_8);
  }
}
