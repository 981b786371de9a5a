package io.blendnet.protocol;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Takes nothing of a body in, however long it is. */
record DeclinedBody(DownloadedBody reason) implements HttpResponse.BodySubscriber<DownloadedBody> {
  @Override
  public CompletionStage<DownloadedBody> getBody() {
    return CompletableFuture.completedStage(reason);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.cancel();
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    // Was under way when it was declined.
  }

  @Override
  public void onError(Throwable failure) {
    // Is what declining looks like.
  }

  @Override
  public void onComplete() {
    // There was nothing.
  }
}
