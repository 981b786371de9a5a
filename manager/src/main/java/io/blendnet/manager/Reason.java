package io.blendnet.manager;

/** What a failure says to the user. */
final class Reason {
  private Reason() {}

  private static final int LONGEST = 4_000;

  /** The message in one line, or the kind of a failure that has none. */
  static String of(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : oneLine(message, LONGEST);
  }

  /**
   * What others say, as it may stand in a log or on a terminal: no line of its own, no control
   * characters, and no end beyond so many characters.
   */
  static String oneLine(String text, int longest) {
    boolean fits = text.length() <= longest;
    var line = new StringBuilder(fits ? text : text.substring(0, longest) + "...");
    for (int i = 0; i < line.length(); i++) {
      if (Character.isISOControl(line.charAt(i))) {
        line.setCharAt(i, ' ');
      }
    }
    return line.toString();
  }
}
