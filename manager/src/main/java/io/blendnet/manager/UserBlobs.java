package io.blendnet.manager;

import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.server.BlobService;
import io.blendnet.server.LackingBlobs;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;

/** Files that users bring by content. What is unused makes room for them. Thread-safe. */
final class UserBlobs implements BlobService {
  private final BlobStore blobs;
  private final UnusedBlobs unused;

  UserBlobs(BlobStore blobs, UnusedBlobs unused) {
    this.blobs = blobs;
    this.unused = unused;
  }

  @Override
  public List<MissingBlob> missing(Collection<BlobOffer> offers) throws IOException {
    return LackingBlobs.of(blobs, offers);
  }

  @Override
  public Blob receive(BlobPart part, InputStream bytes) throws IOException {
    unused.makeRoom(part.length());
    return blobs.receive(part, bytes);
  }

  @Override
  public BlobBatch batch(long bytes) throws IOException {
    unused.makeRoom(bytes);
    return blobs.batch();
  }
}
