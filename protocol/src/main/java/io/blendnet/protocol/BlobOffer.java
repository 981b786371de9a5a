package io.blendnet.protocol;

/**
 * A content that a sender has, for a server that may lack it.
 *
 * @param sha256 of its bytes, lower-case hex
 * @param size in bytes, from 0
 */
public record BlobOffer(String sha256, long size) {
  public BlobOffer {
    WireHashes.check("sha256", sha256);
    if (size < 0) {
      throw new InvalidFieldException("size", "'size' must not be negative: %d".formatted(size));
    }
  }
}
