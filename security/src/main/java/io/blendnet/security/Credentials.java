package io.blendnet.security;

/**
 * What HTTP Basic authentication asks for.
 *
 * @param user at least one character, without {@code :} (RFC 7617) and control characters
 * @param password hidden in {@code toString()}
 */
public record Credentials(String user, Secret password) {
  public Credentials {
    if (user.isEmpty()
        || user.indexOf(':') >= 0
        || user.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "A user's name has at least one character, no ':' and no control characters: '"
              + user
              + "'");
    }
  }

  /** The user with a new strong password. */
  public static Credentials generate(String user) {
    return new Credentials(user, PasswordGenerator.generate());
  }
}
