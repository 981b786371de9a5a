package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.MalformedJsonException;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.protocol.Problem;
import io.blendnet.storage.spi.BlobConflictException;
import io.blendnet.storage.spi.BlobMismatchException;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.UploadConflictException;

/** What to tell the caller about a failure. */
final class Refusal {
  private Refusal() {}

  /** Whether it is a bug or a broken machine, and belongs into the log. */
  static boolean isOurs(Throwable failure) {
    return of(failure).type().equals(ErrorCode.INTERNAL.type())
        || (failure instanceof StorageFullException full && !full.isByLimit());
  }

  static Problem of(Throwable failure) {
    return switch (failure) {
      case ApiException refused -> refused.problem();
      case InvalidFieldException invalid -> Problem.of(ErrorCode.INVALID_FIELD, messageOf(invalid));
      case MalformedJsonException malformed ->
          Problem.of(ErrorCode.INVALID_REQUEST, messageOf(malformed));
      case BlobMismatchException mismatch ->
          Problem.of(ErrorCode.CHECKSUM_MISMATCH, messageOf(mismatch));
      case BlobConflictException conflict -> Problem.of(ErrorCode.CONFLICT, messageOf(conflict));
      case UploadConflictException conflict ->
          Problem.of(ErrorCode.TRANSFER_CONFLICT, messageOf(conflict))
              .withData(new MissingBlob(conflict.id().sha256(), conflict.received()));
      case StorageFullException full -> Problem.of(ErrorCode.STORAGE_FULL, messageOf(full));
      case ClientGoneException gone -> Problem.of(ErrorCode.INVALID_REQUEST, messageOf(gone));
      case InterruptedException _ ->
          Problem.of(ErrorCode.UNAVAILABLE, "The server is about to end");
      default ->
          Problem.of(ErrorCode.INTERNAL, "Something broke here; the server's log tells what");
    };
  }

  private static String messageOf(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }
}
