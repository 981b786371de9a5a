package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.io.IOException;

/** Another content with the same SHA-1 is stored already; API v1 could not tell the two apart. */
public final class BlobConflictException extends IOException {
  private static final long serialVersionUID = 1L;

  public BlobConflictException(String sha1, BlobId stored, BlobId refused) {
    super(
        "Another content with the SHA-1 %s is stored already (SHA-256 %s); this one (SHA-256 %s) is refused"
            .formatted(sha1, stored, refused));
  }
}
