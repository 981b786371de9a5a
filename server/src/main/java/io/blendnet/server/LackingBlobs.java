package io.blendnet.server;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.BlobsMissing;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.storage.spi.BlobStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a store lacks of some contents, as clients are told. That counts as asking for them. */
public final class LackingBlobs {
  private LackingBlobs() {}

  /** Those that are offered and not there, with what has arrived of each. */
  public static List<MissingBlob> of(BlobStore store, Collection<BlobOffer> offers)
      throws IOException {
    Map<BlobId, Long> sizes = new LinkedHashMap<>();
    offers.forEach(offer -> sizes.putIfAbsent(new BlobId(offer.sha256()), offer.size()));
    return missing(store, sizes);
  }

  /**
   * Refuses to go on without these.
   *
   * @param message what to do, with the number of those that are missing and of all
   * @throws ApiException some are missing; it lists them
   */
  public static void refuse(BlobStore store, Collection<BlobId> ids, String message)
      throws IOException {
    Map<BlobId, Long> sizes = new LinkedHashMap<>();
    ids.forEach(id -> sizes.put(id, Long.MAX_VALUE));
    List<MissingBlob> missing = missing(store, sizes);
    if (!missing.isEmpty()) {
      throw new ApiException(
          ErrorCode.BLOBS_MISSING,
          message.formatted(missing.size(), ids.size()),
          new BlobsMissing(missing));
    }
  }

  private static List<MissingBlob> missing(BlobStore store, Map<BlobId, Long> sizes)
      throws IOException {
    List<MissingBlob> missing = new ArrayList<>();
    for (BlobId id : store.missing(sizes.keySet())) {
      long size = sizes.getOrDefault(id, Long.MAX_VALUE);
      missing.add(new MissingBlob(id.sha256(), store.received(id, size)));
    }
    return missing;
  }
}
