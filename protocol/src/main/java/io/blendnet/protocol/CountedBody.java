package io.blendnet.protocol;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;

/** Counts what arrives, so that a slow answer can be told from a dead one. */
final class CountedBody<T> implements HttpResponse.BodySubscriber<T> {
  private final HttpResponse.BodySubscriber<T> body;
  private final LongConsumer count;

  private CountedBody(HttpResponse.BodySubscriber<T> body, LongConsumer count) {
    this.body = body;
    this.count = count;
  }

  /**
   * A body that is held as a whole.
   *
   * @param limit bytes at most; a longer one is broken off
   */
  static HttpResponse.BodySubscriber<byte[]> bytes(long limit, LongConsumer count) {
    return new CountedBody<>(
        HttpResponse.BodySubscribers.limiting(HttpResponse.BodySubscribers.ofByteArray(), limit),
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
