package io.blendnet.server;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The latest lines of a log, for {@code GET log}: whoever writes the log adds them here too. Old
 * lines go when the limits are reached. Thread-safe.
 */
public final class LogBuffer {
  private static final int LINE_LIMIT = 4_000;
  private static final int CHARACTER_LIMIT = 2_000_000;
  private static final int LINE_LENGTH_LIMIT = 16_384;

  private final Deque<Line> lines = new ArrayDeque<>();
  private int characters;
  private long lastMicros;

  /**
   * Adds an entry.
   *
   * @param line without a line end, or with one; several lines stay one entry; a very long one is
   *     cut
   */
  public synchronized void add(Instant at, String line) {
    String cut =
        line.length() <= LINE_LENGTH_LIMIT ? line : line.substring(0, LINE_LENGTH_LIMIT) + "...";
    String entry = cut.endsWith("\n") ? cut : cut + "\n";
    // The time is the key: no two entries may share one, nor go backwards.
    long micros = Math.max(micros(at), lastMicros + 1);
    lastMicros = micros;
    lines.addLast(new Line(micros, entry));
    characters += entry.length();
    while (lines.size() > LINE_LIMIT || characters > CHARACTER_LIMIT) {
      characters -= lines.removeFirst().text.length();
    }
  }

  /** Epoch seconds with a fraction to line, oldest first; a line ends in a newline. */
  public synchronized Map<String, String> lines() {
    Map<String, String> byTime = new LinkedHashMap<>();
    for (Line line : lines) {
      byTime.put("%d.%06d".formatted(line.micros / 1_000_000, line.micros % 1_000_000), line.text);
    }
    return byTime;
  }

  private static long micros(Instant at) {
    return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
  }

  private record Line(long micros, String text) {}
}
