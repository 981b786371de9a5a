package io.blendnet.protocol;

/**
 * A content that a server lacks, and how much of it lies there from an upload that broke off.
 *
 * @param sha256 of its bytes, lower-case hex
 * @param received bytes from the beginning; {@code PUT blob/{sha256}} goes on behind them, to the
 *     end of the content
 */
public record MissingBlob(String sha256, long received) {
  public MissingBlob {
    WireHashes.check("sha256", sha256);
    if (received < 0) {
      throw new InvalidFieldException(
          "received", "'received' must not be negative: %d".formatted(received));
    }
  }
}
