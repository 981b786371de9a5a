package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Files by their content. A blob is either wholly there, verified and on the disk, or not at all.
 * Thread-safe; puts of the same and of different bytes may run at the same time.
 *
 * <p>The store remembers when somebody last asked for a blob: whoever is told that it is there may
 * count on it for a while, without referring to it yet.
 */
public interface BlobStore extends Closeable {
  /** When nobody ever asked for a blob. */
  Instant NEVER = Instant.EPOCH;

  /** Without a byte for so long, an upload gives way to the next one of the same content. */
  Duration STALLED = Duration.ofSeconds(10);

  /**
   * Stores a stream, read to its end or until it is longer than announced; memory use does not
   * depend on its length. Bytes that are there already are a success and stored once; where the
   * expected id is there, the stream is not even read. Does not close the stream. Where a SHA-1 is
   * expected, no two contents share it.
   *
   * @throws BlobMismatchException when length or sums differ from what was expected
   * @throws BlobConflictException when another content has the expected SHA-1
   * @throws StorageFullException when the disk is full, at once where the expected size says so
   */
  Blob put(InputStream bytes, BlobExpectation expected) throws IOException;

  /**
   * Moves a finished file of this program in, by renaming it where it lies on the same file system.
   * When the call fails, the file still lies where it was. Its SHA-1 is made on the way: it is a
   * result, which API v1 shows.
   *
   * @throws BlobConflictException when another content has the same SHA-1
   * @throws StorageFullException when the disk is full
   */
  Blob adopt(Path file) throws IOException;

  /**
   * The same, of a file whose sum was made a moment ago: it is not read.
   *
   * @param id the file's SHA-256: what it is stored under, whatever the file holds
   */
  Blob adopt(Path file, BlobId id) throws IOException;

  /**
   * Stores a content that may come in pieces. What arrives is kept when the stream breaks, also
   * over a restart, and {@link #received} tells how much; the next upload goes on behind it. Bytes
   * that are not what the id says are dropped, all of them. A blob that is there already is a
   * success, and the stream is not read.
   *
   * <p>Of one content one upload runs at a time. The next one is refused, or takes over where the
   * one before has brought nothing for {@link #STALLED}.
   *
   * @param bytes exactly those of the part; reading slower slows the sender. Not closed
   * @throws UploadConflictException the upload must go on from elsewhere, or another one runs
   * @throws BlobMismatchException the bytes are not what the id says
   * @throws StorageFullException there is no room, at once where the size says so
   * @throws IOException the stream broke, or the disk failed
   */
  Blob receive(BlobPart part, InputStream bytes) throws IOException;

  /**
   * How many bytes of a content that is not stored lie here from an upload that broke off or is
   * under way. Whoever asks may count on them for a while.
   *
   * @param size of the whole content; the answer is less, so that there is something to be sent
   */
  long received(BlobId id, long size) throws IOException;

  /** A batch of small blobs. */
  BlobBatch batch() throws IOException;

  /** Bytes that may be stored now: the disk has them, and no upload was promised them. */
  long room();

  /** Bytes that are stored, and those of uploads that broke off or are under way. */
  long bytes();

  /** Finds a blob, without asking for it. */
  Optional<Blob> find(BlobId id) throws IOException;

  /**
   * The SHA-1 of a blob, in lower-case hex: the id that API v1 shows. Unless it was checked when
   * the blob was stored, the first one who asks waits until the blob has been read.
   *
   * @throws NoSuchFileException when it is not stored
   */
  String sha1(BlobId id) throws IOException;

  /**
   * Finds a blob by its SHA-1, of those whose SHA-1 somebody has checked or asked for.
   *
   * @param sha1 40 lower-case hex digits; anything else is never found
   */
  Optional<Blob> findBySha1(String sha1) throws IOException;

  /** Those of the ids that are not stored. The others are asked for by this. */
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
   * Removes a blob, unless somebody asked for it later than that. Without a gap in between: whoever
   * asks meanwhile either is told that it is missing, or keeps it.
   *
   * @param since {@link #NEVER}: removes it where nobody ever asked
   * @return whether it was removed
   */
  boolean deleteUnlessAsked(BlobId id, Instant since) throws IOException;

  /** Removes what lies here of uploads that broke off and that nobody asked for so long. */
  void dropUploads(Duration unaskedFor) throws IOException;

  /**
   * Shows the blobs that nobody asked for since then, the one that was asked for longest ago first,
   * without holding all in memory. Blobs that come or go meanwhile may be shown or not.
   */
  void forEachUnasked(Instant since, Consumer<Blob> visitor) throws IOException;

  /**
   * Shows every blob, ordered by id, without holding all in memory. Blobs that come or go meanwhile
   * may be shown or not.
   */
  void forEach(Consumer<Blob> visitor) throws IOException;
}
