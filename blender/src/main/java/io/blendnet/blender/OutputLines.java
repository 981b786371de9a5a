package io.blendnet.blender;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads lines of bounded length. Blender and scripts may print anything, megabytes without a line's
 * end too; only answers of the session script may be long.
 */
final class OutputLines {
  /** What the session script puts before an answer. */
  static final String MARKER = "@blendnet ";

  private static final int LONGEST_LINE = 8 << 10;
  private static final int LONGEST_ANSWER = 256 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[32 << 10];
  private int position;
  private int limit;

  OutputLines(InputStream in) {
    this.in = in;
  }

  /** The next line; what exceeds the bound is left out. Empty at the end. */
  Optional<String> next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    int bound = LONGEST_LINE;
    boolean any = false;
    while (true) {
      if (position == limit && !fill()) {
        return any ? Optional.of(line.toString(StandardCharsets.UTF_8)) : Optional.empty();
      }
      any = true;
      byte b = buffer[position++];
      if (b == '\n' || b == '\r') {
        return Optional.of(line.toString(StandardCharsets.UTF_8));
      }
      if (line.size() == LONGEST_LINE
          && bound == LONGEST_LINE
          && line.toString(StandardCharsets.UTF_8).contains(MARKER)) {
        bound = LONGEST_ANSWER;
      }
      if (line.size() < bound) {
        line.write(b);
      }
    }
  }

  private boolean fill() throws IOException {
    int count = in.read(buffer);
    position = 0;
    limit = Math.max(count, 0);
    return count > 0;
  }
}
