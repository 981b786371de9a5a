package io.blendnet.protocol;

/**
 * A content that a server has taken in.
 *
 * @param sha256 lower-case hex
 * @param size bytes
 */
public record StoredContent(String sha256, long size) {
  public StoredContent {
    WireHashes.check("sha256", sha256);
  }
}
