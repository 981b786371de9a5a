package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.time.Instant;

/**
 * Stored bytes.
 *
 * @param id their SHA-256: the identity
 * @param size in bytes, from 0
 * @param created when they were stored first
 */
public record Blob(BlobId id, long size, Instant created) {
  public Blob {
    if (size < 0) {
      throw new IllegalArgumentException("A size of " + size + " bytes");
    }
  }
}
