package io.blendnet.protocol;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** A file as the body of a request, read while it is sent. */
final class FileContent implements HttpRequest.BodyPublisher {
  private final HttpRequest.BodyPublisher file;
  private final AtomicLong moved;
  private final TransferProgress progress;
  private final AtomicReference<Optional<IOException>> failure =
      new AtomicReference<>(Optional.empty());

  /**
   * A file of any size.
   *
   * @param moved counts the bytes
   * @throws IOException the file cannot be opened
   */
  FileContent(Path path, AtomicLong moved, TransferProgress progress) throws IOException {
    this.file =
        Files.size(path) == 0
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofFile(path);
    this.moved = moved;
    this.progress = progress;
  }

  @Override
  public long contentLength() {
    return file.contentLength();
  }

  /** Why the file could not be read to its end. */
  Optional<IOException> failure() {
    return failure.get();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    file.subscribe(
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscriber.onSubscribe(subscription);
          }

          @Override
          public void onNext(ByteBuffer bytes) {
            progress.moved(moved.addAndGet(bytes.remaining()), contentLength());
            subscriber.onNext(bytes);
          }

          @Override
          public void onError(Throwable cause) {
            failure.set(Optional.of(cause instanceof IOException io ? io : new IOException(cause)));
            subscriber.onError(cause);
          }

          @Override
          public void onComplete() {
            subscriber.onComplete();
          }
        });
  }
}
