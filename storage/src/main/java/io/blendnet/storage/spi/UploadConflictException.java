package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.io.IOException;

/**
 * An upload that cannot go on from where it wants to: the store has more or less of the content, or
 * another upload of it is under way. Nothing was read.
 */
public final class UploadConflictException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String sha256;
  private final long received;

  /**
   * Says why.
   *
   * @param received bytes of the content that lie here
   */
  public UploadConflictException(BlobId id, long received, String reason) {
    super("%s; %,d bytes of %s lie here".formatted(reason, received, id));
    this.sha256 = id.sha256();
    this.received = received;
  }

  public BlobId id() {
    return new BlobId(sha256);
  }

  /** Bytes of the content that lie here, from its beginning. */
  public long received() {
    return received;
  }
}
