package io.blendnet.protocol;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a body into a file and sums it up on the way. One buffer at a time: a slow disk slows the
 * sender.
 */
final class FileSink implements HttpResponse.BodySubscriber<DownloadedBody> {
  private final Path file;
  private final MessageDigest digest;
  private final long limit;
  private final LongConsumer count;
  private final CompletableFuture<DownloadedBody> result = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;
  private @Nullable FileChannel channel;
  private long size;

  /**
   * A new file; an older one is overwritten.
   *
   * @param limit bytes that are announced; more are not taken
   */
  FileSink(Path file, FileChecksum checksum, long limit, LongConsumer count) {
    this.file = file;
    this.digest = checksum.start();
    this.limit = limit;
    this.count = count;
  }

  @Override
  public CompletionStage<DownloadedBody> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    try {
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      newSubscription.cancel();
      result.complete(new DownloadedBody.Unwritable(e));
      return;
    }
    newSubscription.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    FileChannel open = channel;
    Flow.Subscription source = subscription;
    if (open == null || source == null || result.isDone()) {
      return;
    }
    long count = 0;
    for (ByteBuffer buffer : buffers) {
      count += buffer.remaining();
    }
    size += count;
    if (limit >= 0 && size > limit) {
      source.cancel();
      end(new DownloadedBody.Stored(size, ""));
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        digest.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
          open.write(buffer);
        }
      }
    } catch (IOException e) {
      source.cancel();
      end(new DownloadedBody.Unwritable(e));
      return;
    }
    this.count.accept(count);
    source.request(1);
  }

  @Override
  public void onError(Throwable failure) {
    close();
    result.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    FileChannel open = channel;
    if (open == null || result.isDone()) {
      return;
    }
    try {
      open.force(true);
      end(new DownloadedBody.Stored(size, HexFormat.of().formatHex(digest.digest())));
    } catch (IOException e) {
      end(new DownloadedBody.Unwritable(e));
    }
  }

  private void end(DownloadedBody outcome) {
    close();
    result.complete(outcome);
  }

  private void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        result.complete(new DownloadedBody.Unwritable(e));
      }
    }
  }
}
