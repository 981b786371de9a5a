package io.blendnet.server;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.storage.FileBlobStore;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A real store, of which nothing is ever removed. */
final class TestingBlobs implements BlobService, AutoCloseable {
  final BlobStore store;

  TestingBlobs(Path folder) throws IOException {
    store = FileBlobStore.open(folder);
  }

  @Override
  public List<MissingBlob> missing(Collection<BlobOffer> offers) throws IOException {
    List<MissingBlob> missing = new ArrayList<>();
    for (BlobOffer offer : offers) {
      BlobId id = new BlobId(offer.sha256());
      if (store.find(id).isEmpty()) {
        missing.add(new MissingBlob(offer.sha256(), store.received(id, offer.size())));
      }
    }
    return missing;
  }

  @Override
  public Blob receive(BlobPart part, InputStream bytes) throws IOException {
    return store.receive(part, bytes);
  }

  @Override
  public BlobBatch batch(long bytes) throws IOException {
    return store.batch();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
