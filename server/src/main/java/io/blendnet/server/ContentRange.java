package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which part of a whole a request brings, RFC 9110.
 *
 * @param first from 0
 * @param last inclusive, at least {@code first}
 * @param size of the whole in bytes
 */
record ContentRange(long first, long last, long size) {
  private static final Pattern BYTES =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})", Pattern.CASE_INSENSITIVE);

  /**
   * Reads the header.
   *
   * @throws ApiException it is malformed, or contradicts itself or the body's length
   */
  static ContentRange parse(String header, long length) {
    Matcher matcher = BYTES.matcher(header.strip());
    if (!matcher.matches()) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "Content-Range must be 'bytes FIRST-LAST/SIZE', all three of them known");
    }
    var range =
        new ContentRange(
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            Long.parseLong(matcher.group(3)));
    if (range.last < range.first || range.last >= range.size) {
      throw new ApiException(ErrorCode.INVALID_REQUEST, "Content-Range is no part of its size");
    }
    if (range.last - range.first + 1 != length) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "Content-Range and Content-Length contradict each other");
    }
    return range;
  }
}
