package io.blendnet.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time as users write it: {@code 30s}, {@code 10m}, {@code 2h}, {@code 1d}, or {@code 0}. */
final class TimeSpan {
  /** How it is written, for help and messages. */
  static final String FORM = "a time such as 30s, 10m or 2h";

  private static final Pattern WRITTEN = Pattern.compile("0|([0-9]{1,9})([smhd])");

  private TimeSpan() {}

  /** Empty where it is not written like that. */
  static Optional<Duration> parse(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches()) {
      return Optional.empty();
    }
    if (written.group(1) == null) {
      return Optional.of(Duration.ZERO);
    }
    long number = Long.parseLong(written.group(1));
    return Optional.of(
        switch (written.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }
}
