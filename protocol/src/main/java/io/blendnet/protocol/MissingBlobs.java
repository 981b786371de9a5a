package io.blendnet.protocol;

import java.util.List;

/**
 * Blobs that an agent lacks: the answer to {@code POST work/blob/missing}, and what comes with a
 * lease that is refused for want of them.
 *
 * @param missing SHA-256 each, lower-case hex
 */
public record MissingBlobs(List<String> missing) {
  public MissingBlobs {
    missing = List.copyOf(missing);
  }
}
