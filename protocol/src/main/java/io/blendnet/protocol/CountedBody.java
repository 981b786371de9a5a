package io.blendnet.protocol;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;

/** Counts what arrives, so that a slow answer can be told from a dead one. */
final class CountedBody<T> implements HttpResponse.BodySubscriber<T> {
  /** Longest JSON answer that a client takes in, in bytes. */
  static final long ANSWER_LIMIT = 256L * 1024 * 1024;

  private final HttpResponse.BodySubscriber<T> body;
  private final LongConsumer count;

  private CountedBody(HttpResponse.BodySubscriber<T> body, LongConsumer count) {
    this.body = body;
    this.count = count;
  }

  static HttpResponse.BodySubscriber<byte[]> bytes(LongConsumer count) {
    return new CountedBody<>(
        HttpResponse.BodySubscribers.limiting(
            HttpResponse.BodySubscribers.ofByteArray(), ANSWER_LIMIT),
        count);
  }

  @Override
  public CompletionStage<T> getBody() {
    return body.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    body.onSubscribe(subscription);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    count.accept(buffers.stream().mapToLong(ByteBuffer::remaining).sum());
    body.onNext(buffers);
  }

  @Override
  public void onError(Throwable failure) {
    body.onError(failure);
  }

  @Override
  public void onComplete() {
    body.onComplete();
  }
}
