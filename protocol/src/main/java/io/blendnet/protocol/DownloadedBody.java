package io.blendnet.protocol;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** What came when a file was asked for. */
sealed interface DownloadedBody {
  /** A file, written and synced, and what was announced about it. */
  record Stored(long size, String checksum, long announcedSize, Optional<String> announcedChecksum)
      implements DownloadedBody {}

  /** This machine could not write it. */
  record Unwritable(IOException cause) implements DownloadedBody {}

  /** An envelope instead. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call, is never compared
  record Answer(byte[] bytes) implements DownloadedBody {}

  /**
   * Takes a body in.
   *
   * @param sink is told the file, where there is one
   */
  static HttpResponse.BodySubscriber<DownloadedBody> receive(
      HttpResponse.ResponseInfo info,
      Path part,
      Optional<WorkReport.DeliveryInfo> expected,
      AtomicLong moved,
      TransferProgress progress,
      Consumer<FileSink> sink) {
    if (info.statusCode() != 200) {
      return HttpResponse.BodySubscribers.mapping(CountedBody.bytes(moved::addAndGet), Answer::new);
    }
    // A delivery was announced before, in a report; a result announces itself.
    FileSink.Announced announced =
        expected
            .map(delivery ->
                new FileSink.Announced(
                    delivery.size(), FileChecksum.SHA_256, Optional.of(delivery.sha256())))
            .orElseGet(() ->
                new FileSink.Announced(
                    info.headers().firstValueAsLong("Content-Length").orElse(-1),
                    FileChecksum.SHA_1,
                    info.headers().firstValue(FarmConnection.SHA1_HEADER)));
    var file =
        new FileSink(
            part, announced, bytes -> progress.moved(moved.addAndGet(bytes), announced.size()));
    sink.accept(file);
    return file;
  }
}
