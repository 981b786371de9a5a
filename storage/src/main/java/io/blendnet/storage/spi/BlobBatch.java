package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import java.io.Closeable;
import java.io.IOException;

/**
 * Many small blobs that get onto the disk together, which costs little more than a few of them one
 * by one. Used by one thread. Closed without {@link #store}, what was added and was not there
 * before is dropped.
 */
public interface BlobBatch extends Closeable {
  /**
   * Adds a blob; one that is stored already is a success.
   *
   * @param bytes all of it; not to be changed afterwards
   * @throws BlobMismatchException the bytes are not what the id says; what was added before stands
   * @throws StorageFullException there is no room
   */
  void add(BlobId id, byte[] bytes) throws IOException, InterruptedException;

  /**
   * Makes all that was added durable and visible.
   *
   * @return how many blobs were added, those that were there already among them
   * @throws BlobConflictException another content has the SHA-1 of one of them; the others are
   *     stored
   */
  int store() throws IOException, InterruptedException;
}
