package io.blendnet.domain;

import java.util.regex.Pattern;

/** Identity of a blob: the SHA-256 of its bytes, 64 lower-case hex digits. */
public record BlobId(String sha256) implements Comparable<BlobId> {
  private static final Pattern ALLOWED = Pattern.compile("[0-9a-f]{64}");

  public BlobId {
    if (!isValid(sha256)) {
      throw new IllegalArgumentException("Not a SHA-256 in lower-case hex: '" + sha256 + "'");
    }
  }

  public static boolean isValid(String value) {
    return ALLOWED.matcher(value).matches();
  }

  @Override
  public int compareTo(BlobId other) {
    return sha256.compareTo(other.sha256);
  }

  @Override
  public String toString() {
    return sha256;
  }
}
