package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What the sender of bytes said about them. Bytes that differ are not stored.
 *
 * @param size in bytes
 * @param sha1 40 lower-case hex digits
 */
public record BlobExpectation(OptionalLong size, Optional<String> sha1, Optional<BlobId> id) {
  /** Whatever comes. */
  public static final BlobExpectation NONE =
      new BlobExpectation(OptionalLong.empty(), Optional.empty(), Optional.empty());

  private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");

  public BlobExpectation {
    if (size.isPresent() && size.getAsLong() < 0) {
      throw new IllegalArgumentException("A size of " + size.getAsLong() + " bytes");
    }
    sha1.ifPresent(sum -> {
      if (!SHA1.matcher(sum).matches()) {
        throw new IllegalArgumentException("Not a SHA-1 in lower-case hex: '" + sum + "'");
      }
    });
  }

  public BlobExpectation withSize(long bytes) {
    return new BlobExpectation(OptionalLong.of(bytes), sha1, id);
  }

  public BlobExpectation withSha1(String sum) {
    return new BlobExpectation(size, Optional.of(sum), id);
  }

  public BlobExpectation withId(BlobId sum) {
    return new BlobExpectation(size, sha1, Optional.of(sum));
  }
}
