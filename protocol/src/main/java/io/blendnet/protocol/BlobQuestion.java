package io.blendnet.protocol;

import java.util.List;

/**
 * {@code POST work/blob/missing}: which of these does the agent lack?
 *
 * @param blobs SHA-256 each, lower-case hex; at most {@value #LIMIT}
 */
public record BlobQuestion(List<String> blobs) {
  /** What fits into a JSON body of 512 KiB. */
  public static final int LIMIT = 7_000;

  public BlobQuestion {
    blobs = List.copyOf(blobs);
    if (blobs.size() > LIMIT) {
      throw new InvalidFieldException(
          "blobs", "'blobs' has %d entries, more than %d".formatted(blobs.size(), LIMIT));
    }
  }
}
