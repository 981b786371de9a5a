package io.blendnet.cli;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as users write it: {@code 500MB}, {@code 20GB}, {@code 2TB}, or {@code 0}. */
final class ByteCount {
  /** How it is written, for help and messages. */
  static final String FORM = "a size such as 500MB, 20GB or 2TB";

  private static final Pattern WRITTEN = Pattern.compile("0|([0-9]{1,6}) ?([MGT])B");

  private ByteCount() {}

  /** Empty where it is not written like that. */
  static Optional<Long> parse(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches()) {
      return Optional.empty();
    }
    if (written.group(1) == null) {
      return Optional.of(0L);
    }
    long number = Long.parseLong(written.group(1));
    return Optional.of(
        switch (written.group(2)) {
          case "M" -> number * 1_000_000;
          case "G" -> number * 1_000_000_000;
          default -> number * 1_000_000_000_000L;
        });
  }
}
