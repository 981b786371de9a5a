package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;

/**
 * A content from where its upload begins or goes on, to its end.
 *
 * @param id of the whole content
 * @param first bytes that came before, from 0
 * @param size of the whole content in bytes; more than {@code first}, or both are 0
 */
public record BlobPart(BlobId id, long first, long size) {
  public BlobPart {
    if (first < 0 || (first >= size && (first > 0 || size < 0))) {
      throw new IllegalArgumentException("No part from %d of %d bytes".formatted(first, size));
    }
  }

  /** The whole of a content. */
  public static BlobPart whole(BlobId id, long size) {
    return new BlobPart(id, 0, size);
  }

  /** Bytes that are still to come. */
  public long length() {
    return size - first;
  }
}
