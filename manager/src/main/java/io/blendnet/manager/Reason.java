package io.blendnet.manager;

/** What a failure says to the user. */
final class Reason {
  private Reason() {}

  /** The message, or the kind of a failure that has none. */
  static String of(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
