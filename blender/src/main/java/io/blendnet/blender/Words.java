package io.blendnet.blender;

import java.time.Duration;

/** Amounts as people write them, for messages. */
final class Words {
  private Words() {}

  static String of(Duration duration) {
    if (duration.toMinutes() >= 120) {
      return duration.toHours() + " hours";
    }
    if (duration.toSeconds() >= 120) {
      return duration.toMinutes() + " minutes";
    }
    if (duration.toMillis() >= 10_000) {
      return duration.toSeconds() + " seconds";
    }
    return "%.1f seconds".formatted(duration.toMillis() / 1000.0);
  }

  static String bytes(long bytes) {
    return bytes >= 1L << 30
        ? "%.1f GiB".formatted(bytes / (double) (1L << 30))
        : "%d MiB".formatted(bytes >> 20);
  }
}
