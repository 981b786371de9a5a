package io.blendnet.protocol;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Writes a body into a gap of a file. One buffer at a time: a slow disk slows the sender. */
final class FileSink implements HttpResponse.BodySubscriber<DownloadedBody> {
  private final PartFile file;
  private final Optional<PartFile.Gap> gap;
  private final LongConsumer count;
  private final CompletableFuture<DownloadedBody> result = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /**
   * A sink.
   *
   * @param gap empty where the file is: nothing is to come
   * @param count told of bytes that were written
   */
  FileSink(PartFile file, Optional<PartFile.Gap> gap, LongConsumer count) {
    this.file = file;
    this.gap = gap;
    this.count = count;
  }

  /**
   * How it ended on this side. The client reports a body that it was told to break off as a broken
   * connection, whatever the body itself says.
   */
  Optional<DownloadedBody> outcome() {
    return result.isDone() && !result.isCompletedExceptionally()
        ? Optional.of(result.join())
        : Optional.empty();
  }

  @Override
  public CompletionStage<DownloadedBody> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    newSubscription.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    Flow.Subscription source = subscription;
    if (source == null || result.isDone()) {
      return;
    }
    for (ByteBuffer buffer : buffers) {
      if (buffer.remaining() > gap.map(PartFile.Gap::length).orElse(0L)) {
        end(source, new DownloadedBody.TooLong());
        return;
      }
      int size = buffer.remaining();
      try {
        file.write(gap.orElseThrow(), buffer);
      } catch (IOException e) {
        end(source, new DownloadedBody.Unwritable(e));
        return;
      }
      count.accept(size);
    }
    source.request(1);
  }

  private void end(Flow.Subscription source, DownloadedBody outcome) {
    result.complete(outcome);
    source.cancel();
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    result.complete(new DownloadedBody.Stored());
  }
}
