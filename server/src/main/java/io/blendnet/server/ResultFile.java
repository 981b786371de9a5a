package io.blendnet.server;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A file to be sent. It must stay as it is until it is sent; on Linux it may be deleted meanwhile.
 *
 * @param file where it lies
 * @param size bytes
 * @param mark tells its content from any other's, for clients that go on with half a file
 * @param sha1 of its content, lower-case hex, where clients are told
 * @param contentType such as {@code image/png}
 */
public record ResultFile(
    Path file, long size, String mark, Optional<String> sha1, String contentType) {
  /** One that clients verify by API v1's checksum. */
  public static ResultFile withSha1(Path file, long size, String sha1, String contentType) {
    return new ResultFile(file, size, sha1, Optional.of(sha1), contentType);
  }

  /** One whose SHA-256 its clients know already. */
  public static ResultFile known(Path file, long size, String sha256, String contentType) {
    return new ResultFile(file, size, sha256, Optional.empty(), contentType);
  }
}
