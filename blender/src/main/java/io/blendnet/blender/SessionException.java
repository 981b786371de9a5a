package io.blendnet.blender;

import java.io.Serial;
import java.util.List;
import java.util.Objects;

/**
 * A step of a session failed. The message is a sentence for the user. After {@link
 * SessionFailure#MEMORY}, a crash or a missed deadline the session is over and its processes are
 * gone; ask {@link BlenderSession#isAlive()}.
 */
public sealed class SessionException extends Exception permits SessionClosedException {
  @Serial private static final long serialVersionUID = 1;

  private final SessionFailure failure;

  /** An array, since a list need not be serializable. */
  private final String[] lines;

  SessionException(SessionFailure failure, String message, List<String> lines) {
    super(message);
    this.failure = failure;
    this.lines = lines.toArray(String[]::new);
  }

  SessionException(SessionFailure failure, String message, Throwable cause) {
    super(message, cause);
    this.failure = failure;
    this.lines = new String[0];
  }

  /**
   * A failure that whoever uses sessions has found.
   *
   * @param message a sentence for the user
   */
  public static SessionException of(SessionFailure failure, String message) {
    return new SessionException(failure, message, List.of());
  }

  /** A sentence for the user. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  public SessionFailure failure() {
    return failure;
  }

  /** The most telling lines of Blender's output, oldest first; at most 40. */
  public List<String> lines() {
    return List.of(lines);
  }
}
