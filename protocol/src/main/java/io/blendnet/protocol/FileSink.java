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
import java.util.Optional;
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
  private final Announced announced;
  private final LongConsumer count;
  private final CompletableFuture<DownloadedBody> result = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;
  private @Nullable FileChannel channel;
  private long size;

  /** A new file; an older one is overwritten. */
  FileSink(Path file, Announced announced, LongConsumer count) {
    this.file = file;
    this.digest = announced.algorithm().start();
    this.announced = announced;
    this.count = count;
  }

  /**
   * What is known about the content beforehand.
   *
   * @param size bytes, or less than 0; more are not taken
   */
  record Announced(long size, FileChecksum algorithm, Optional<String> checksum) {}

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
    try {
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      end(new DownloadedBody.Unwritable(e));
      newSubscription.cancel();
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
    if (announced.size() >= 0 && size > announced.size()) {
      end(stored(""));
      source.cancel();
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
      end(new DownloadedBody.Unwritable(e));
      source.cancel();
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
      end(stored(HexFormat.of().formatHex(digest.digest())));
    } catch (IOException e) {
      end(new DownloadedBody.Unwritable(e));
    }
  }

  private DownloadedBody stored(String checksum) {
    return new DownloadedBody.Stored(size, checksum, announced.size(), announced.checksum());
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
