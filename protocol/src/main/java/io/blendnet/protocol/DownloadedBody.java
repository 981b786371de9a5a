package io.blendnet.protocol;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What came when a file was asked for. */
sealed interface DownloadedBody {
  /** The file, written and synced. */
  record Stored(long size, String checksum) implements DownloadedBody {}

  /** This machine could not write it. */
  record Unwritable(IOException cause) implements DownloadedBody {}

  /** An envelope instead. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call, is never compared
  record Answer(byte[] bytes) implements DownloadedBody {}

  static HttpResponse.BodySubscriber<DownloadedBody> receive(
      HttpResponse.ResponseInfo info,
      Path part,
      Optional<WorkReport.DeliveryInfo> expected,
      AtomicLong moved,
      TransferProgress progress) {
    if (info.statusCode() != 200) {
      return HttpResponse.BodySubscribers.mapping(CountedBody.bytes(moved::addAndGet), Answer::new);
    }
    FileChecksum checksum = expected.isPresent() ? FileChecksum.SHA_256 : FileChecksum.SHA_1;
    long total =
        expected
            .map(WorkReport.DeliveryInfo::size)
            .orElseGet(() -> info.headers().firstValueAsLong("Content-Length").orElse(-1));
    return new FileSink(
        part, checksum, total, bytes -> progress.moved(moved.addAndGet(bytes), total));
  }
}
