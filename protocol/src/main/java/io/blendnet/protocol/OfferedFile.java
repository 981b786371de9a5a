package io.blendnet.protocol;

import io.blendnet.domain.BlobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of this machine, and what was read in it.
 *
 * @param size in bytes when it was read
 */
public record OfferedFile(Path file, BlobId blob, long size) {
  /**
   * Reads a file.
   *
   * @throws FileChangedException it changes meanwhile
   * @throws IOException it cannot be read
   */
  public static OfferedFile read(Path file) throws IOException {
    long size = Files.size(file);
    var blob = new BlobId(FileChecksum.SHA_256.of(file));
    if (Files.size(file) != size) {
      throw new FileChangedException(file);
    }
    return new OfferedFile(file, blob, size);
  }

  /**
   * Makes sure that it is as long as it was.
   *
   * @throws FileChangedException it is not
   */
  void checkSize() throws IOException {
    if (Files.size(file) != size) {
      throw new FileChangedException(file);
    }
  }
}
