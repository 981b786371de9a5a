package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Files by their content. A blob is either wholly there, verified and on the disk, or not at all.
 * Thread-safe; puts of the same and of different bytes may run at the same time.
 */
public interface BlobStore extends Closeable {
  /**
   * Stores a stream, read to its end or until it is longer than announced; memory use does not
   * depend on its length. Bytes that are there already are a success and stored once; where the
   * expected id is there, the stream is not even read. Does not close the stream.
   *
   * @throws BlobMismatchException when length or sums differ from what was expected
   * @throws BlobConflictException when another content has the same SHA-1
   * @throws StorageFullException when the disk is full, at once where the expected size says so
   */
  Blob put(InputStream bytes, BlobExpectation expected) throws IOException;

  /**
   * Moves a finished file of this program in, by renaming it where it lies on the same file system.
   * When the call fails, the file still lies where it was.
   *
   * @throws BlobConflictException when another content has the same SHA-1
   * @throws StorageFullException when the disk is full
   */
  Blob adopt(Path file) throws IOException;

  Optional<Blob> find(BlobId id) throws IOException;

  /**
   * Finds a blob by the id that API v1 shows.
   *
   * @param sha1 40 lower-case hex digits; anything else is never found
   */
  Optional<Blob> findBySha1(String sha1) throws IOException;

  /** Those of the ids that are not stored. */
  Set<BlobId> missing(Collection<BlobId> ids) throws IOException;

  /**
   * Where a blob's bytes lie, for reading only.
   *
   * @throws NoSuchFileException when it is not stored
   */
  Path file(BlobId id) throws IOException;

  /**
   * Removes a blob. Who has its file open reads on (on Windows: the removal fails).
   *
   * @return whether it was there
   */
  boolean delete(BlobId id) throws IOException;

  /**
   * Shows every blob, ordered by id, without holding all in memory. Blobs that come or go meanwhile
   * may be shown or not.
   */
  void forEach(Consumer<Blob> visitor) throws IOException;
}
