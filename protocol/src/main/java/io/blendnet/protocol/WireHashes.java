package io.blendnet.protocol;

import io.blendnet.domain.BlobId;

/** Hashes on the wire. */
final class WireHashes {
  private WireHashes() {}

  /**
   * Checks a SHA-256.
   *
   * @throws InvalidFieldException it is none
   */
  static void check(String field, String sha256) {
    if (!BlobId.isValid(sha256)) {
      throw new InvalidFieldException(
          field, "'%s' must be a SHA-256: 64 lower-case hex digits".formatted(field));
    }
  }
}
