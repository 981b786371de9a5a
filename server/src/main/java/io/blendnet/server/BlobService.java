package io.blendnet.server;

import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;

/** The contents that a server takes in by their SHA-256. Called from many threads at once. */
public interface BlobService {
  /** Those that are not here. All of them, here or not, are kept for a while. */
  List<MissingBlob> missing(Collection<BlobOffer> offers) throws IOException;

  /** Takes a content in, or the rest of one; see {@link BlobStore#receive}. */
  Blob receive(BlobPart part, InputStream bytes) throws IOException;

  /**
   * Begins to take many small contents in; see {@link BlobStore#batch}.
   *
   * @param bytes of all of them
   */
  BlobBatch batch(long bytes) throws IOException;
}
