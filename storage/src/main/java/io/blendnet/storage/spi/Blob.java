package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Stored bytes.
 *
 * @param id their SHA-256: the identity
 * @param sha1 their SHA-1, 40 lower-case hex digits: the id that API v1 shows
 * @param size in bytes, from 0
 * @param created when they were stored first
 */
public record Blob(BlobId id, String sha1, long size, Instant created) {
  private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");

  public Blob {
    if (!isSha1(sha1)) {
      throw new IllegalArgumentException("Not a SHA-1 in lower-case hex: '" + sha1 + "'");
    }
    if (size < 0) {
      throw new IllegalArgumentException("A size of " + size + " bytes");
    }
  }

  public static boolean isSha1(String value) {
    return SHA1.matcher(value).matches();
  }
}
