package io.blendnet.protocol;

import java.util.List;

/**
 * What a server lacks: the answer to {@code POST blob/missing}, and what comes with {@link
 * ErrorCode#BLOBS_MISSING}.
 */
public record BlobsMissing(List<MissingBlob> missing) {
  public BlobsMissing {
    missing = List.copyOf(missing);
  }
}
