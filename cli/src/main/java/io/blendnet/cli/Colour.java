package io.blendnet.cli;

/** ANSI colours and faces of text. */
enum Colour {
  BOLD("1"),
  DIM("2"),
  RED("31"),
  GREEN("32"),
  YELLOW("33"),
  CYAN("36");

  private static final char ESCAPE = '\u001b';

  private final String code;

  Colour(String code) {
    this.code = code;
  }

  String on(String text, boolean colours) {
    return colours && !text.isEmpty() ? ESCAPE + "[" + code + "m" + text + ESCAPE + "[0m" : text;
  }

  /**
   * Cuts a line to a terminal's width, so that it never wraps; escape sequences take no room, East
   * Asian wide characters take two places.
   */
  static String cut(String line, int width) {
    var kept = new StringBuilder();
    int places = 0;
    int i = 0;
    while (i < line.length()) {
      if (line.charAt(i) == ESCAPE) {
        int end = line.indexOf('m', i);
        kept.append(line, i, end + 1);
        i = end + 1;
        continue;
      }
      int character = line.codePointAt(i);
      int wide = places(character);
      if (places + wide <= width) {
        kept.appendCodePoint(character);
      }
      places += wide;
      i += Character.charCount(character);
    }
    return kept.toString();
  }

  private static int places(int character) {
    int type = Character.getType(character);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    return switch (Character.UnicodeScript.of(character)) {
      case HAN, HIRAGANA, KATAKANA, HANGUL -> 2;
      default -> Character.isEmoji(character) && character > 0xffff ? 2 : 1;
    };
  }
}
