package io.blendnet.security;

import java.security.SecureRandom;

/** Makes passwords that nobody guesses and that need no quoting anywhere. Thread-safe. */
public final class PasswordGenerator {
  /**
   * Letters and digits alone: safe in a URL, a shell, JSON and INI files; a double click takes it
   * whole.
   */
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  /** 24 of 62 characters: 142 bits. */
  static final int LENGTH = 24;

  private static final SecureRandom RANDOM = new SecureRandom();

  private PasswordGenerator() {}

  /** A new password of 24 letters and digits: 142 bits from the system's secure generator. */
  public static Secret generate() {
    StringBuilder password = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      password.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
    }
    return Secret.of(password.toString());
  }
}
