package io.blendnet.server;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.BlobOffers;
import io.blendnet.protocol.BlobPack;
import io.blendnet.protocol.BlobsMissing;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.PackReceipt;
import io.blendnet.protocol.StoredContent;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobMismatchException;
import io.blendnet.storage.spi.BlobPart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/** Files by content: which are missing, and how they get here. */
public final class BlobEndpoints implements ApiRoutes {
  private static final int ID_BYTES = 32;

  private final BlobService blobs;
  private final Consumer<ApiRequest> guard;

  /** For whoever has signed in. */
  public BlobEndpoints(BlobService blobs) {
    this(blobs, _ -> {});
  }

  /**
   * For some of those who have signed in.
   *
   * @param guard throws {@link ApiException} for the others
   */
  public BlobEndpoints(BlobService blobs, Consumer<ApiRequest> guard) {
    this.blobs = blobs;
    this.guard = guard;
  }

  @Override
  public List<ApiRoute> routes() {
    return List.of(
        ApiRoute.of(
                ApiMethod.POST,
                "blob/missing",
                "Which of these contents are missing here, and how much of each has arrived",
                new RouteAnswer.Data(BlobsMissing.class),
                this::missing)
            .taking(new RouteBody.Json(BlobOffers.class, BlobOffers.BODY_LIMIT)),
        ApiRoute.of(
                ApiMethod.POST,
                "blob/pack",
                "Stores many small contents, one after the other: 32 bytes of SHA-256, 8 bytes of"
                    + " length (big-endian), the content",
                new RouteAnswer.Data(PackReceipt.class),
                this::pack)
            .taking(new RouteBody.Bytes(BlobPack.LIMIT)),
        // Behind those whose names would pass for a sum.
        ApiRoute.of(
                ApiMethod.PUT,
                "blob/{sha256}",
                "Stores a content. With Content-Range, bytes FIRST-LAST/SIZE, its rest, where FIRST"
                    + " bytes have arrived before",
                new RouteAnswer.Data(StoredContent.class),
                this::put)
            .taking(RouteBody.bytes()));
  }

  private ApiResponse missing(ApiRequest request) throws IOException {
    guard.accept(request);
    return ApiResponse.data(
        new BlobsMissing(blobs.missing(request.json(BlobOffers.class).blobs())));
  }

  private ApiResponse put(ApiRequest request) throws IOException {
    guard.accept(request);
    String sha256 = request.part("sha256");
    if (!BlobId.isValid(sha256)) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "A content is named by its SHA-256: 64 lower-case hex digits");
    }
    Blob blob = blobs.receive(part(new BlobId(sha256), request), request.stream());
    return ApiResponse.data(new StoredContent(sha256, blob.size()));
  }

  private static BlobPart part(BlobId id, ApiRequest request) {
    return request
        .header("Content-Range")
        .map(header -> rest(id, ContentRange.parse(header, request.length())))
        .orElseGet(() -> BlobPart.whole(id, request.length()));
  }

  private static BlobPart rest(BlobId id, ContentRange range) {
    if (range.last() + 1 != range.size()) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "Content-Range must reach to the end of the content");
    }
    return new BlobPart(id, range.first(), range.size());
  }

  private ApiResponse pack(ApiRequest request) throws IOException, InterruptedException {
    guard.accept(request);
    try (BlobBatch batch = blobs.batch(request.length())) {
      try {
        InputStream pack = request.stream();
        long left = request.length();
        for (int entry = 1; left > 0; entry++) {
          left -= readEntry(pack, left, entry, batch);
        }
      } catch (ApiException | ClientGoneException e) {
        // What came before is worth keeping: it need not be sent again.
        batch.store();
        throw e;
      }
      return ApiResponse.data(new PackReceipt(batch.store()));
    }
  }

  /** Bytes of the entry. */
  private static long readEntry(InputStream pack, long left, int entry, BlobBatch batch)
      throws IOException, InterruptedException {
    if (left < BlobPack.ENTRY_HEADER) {
      throw refused(entry, "it ends in the middle");
    }
    ByteBuffer header = ByteBuffer.wrap(pack.readNBytes(BlobPack.ENTRY_HEADER));
    long length = header.getLong(ID_BYTES);
    if (length < 0 || length > BlobPack.ENTRY_LIMIT) {
      throw refused(entry, "its length is not 0 to %,d bytes".formatted(BlobPack.ENTRY_LIMIT));
    }
    if (length > left - BlobPack.ENTRY_HEADER) {
      throw refused(entry, "it ends in the middle");
    }
    BlobId id = new BlobId(HexFormat.of().formatHex(header.array(), 0, ID_BYTES));
    try {
      batch.add(id, pack.readNBytes((int) length));
    } catch (BlobMismatchException e) {
      throw refused(entry, "its content is not what its SHA-256 says");
    }
    return BlobPack.ENTRY_HEADER + length;
  }

  private static ApiException refused(int entry, String reason) {
    return new ApiException(
        ErrorCode.INVALID_FIELD,
        "Entry %d of the pack is refused, and all behind it: %s".formatted(entry, reason));
  }
}
