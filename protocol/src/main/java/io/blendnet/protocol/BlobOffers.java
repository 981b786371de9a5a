package io.blendnet.protocol;

import java.util.List;

/**
 * {@code POST blob/missing}: which of these does the server lack? What it has, and what it is asked
 * for, it keeps for a while, so that there is time to send the rest and to attach all to a task.
 *
 * @param blobs at most {@value #LIMIT}
 */
public record BlobOffers(List<BlobOffer> blobs) {
  /** How many one call may offer. */
  public static final int LIMIT = 10_000;

  /** Longest body that a server takes, in bytes. */
  public static final int BODY_LIMIT = 2 * 1024 * 1024;

  public BlobOffers {
    blobs = List.copyOf(blobs);
    if (blobs.size() > LIMIT) {
      throw new InvalidFieldException(
          "blobs", "'blobs' has %d entries, more than %d".formatted(blobs.size(), LIMIT));
    }
  }
}
