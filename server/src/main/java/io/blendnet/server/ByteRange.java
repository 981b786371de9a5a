package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One range of bytes of a file, RFC 9110.
 *
 * @param first from 0
 * @param last inclusive, at least {@code first}
 */
record ByteRange(long first, long last) {
  private static final Pattern ONE =
      Pattern.compile("bytes=\\s*(\\d{0,18})-(\\d{0,18})\\s*", Pattern.CASE_INSENSITIVE);

  long length() {
    return last - first + 1;
  }

  /** Whether the header asks for one range, the only kind that is served; others get the whole. */
  static Optional<ByteRange> parse(String header, long size) {
    Matcher matcher = ONE.matcher(header);
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return Optional.empty();
    }
    if (matcher.group(1).isEmpty()) {
      long count = Math.min(size, Long.parseLong(matcher.group(2)));
      return Optional.of(satisfiable(new ByteRange(size - count, size - 1), size));
    }
    long first = Long.parseLong(matcher.group(1));
    long last = matcher.group(2).isEmpty() ? size - 1 : Long.parseLong(matcher.group(2));
    if (!matcher.group(2).isEmpty() && last < first) {
      return Optional.empty();
    }
    return Optional.of(satisfiable(new ByteRange(first, Math.min(last, size - 1)), size));
  }

  private static ByteRange satisfiable(ByteRange range, long size) {
    if (range.first >= size || range.length() < 1) {
      throw new ApiException(
          ErrorCode.RANGE_NOT_SATISFIABLE, "The file has %,d bytes".formatted(size));
    }
    return range;
  }
}
