package io.blendnet.protocol;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/**
 * The body of a request, read while it is sent: a slow receiver slows the reading, and of a body of
 * any length only some buffers are in memory.
 */
final class ReadBody implements HttpRequest.BodyPublisher {
  private final long length;
  private final BodySource.Opening opening;
  private final LongConsumer count;
  private final AtomicLong moved = new AtomicLong();
  private final AtomicReference<Optional<IOException>> failure =
      new AtomicReference<>(Optional.empty());

  /**
   * A body.
   *
   * @param length bytes in all, at least 1
   * @param count told of bytes that go on their way
   */
  ReadBody(long length, BodySource.Opening opening, LongConsumer count) {
    this.length = length;
    this.opening = opening;
    this.count = count;
  }

  @Override
  public long contentLength() {
    return length;
  }

  /** Bytes that went on their way. */
  long moved() {
    return moved.get();
  }

  /** Why it could not be read to its end. */
  Optional<IOException> failure() {
    return failure.get();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    BodySource source;
    try {
      source = opening.open();
    } catch (IOException e) {
      failure.set(Optional.of(e));
      subscriber.onSubscribe(new Nothing());
      subscriber.onError(e);
      return;
    }
    subscriber.onSubscribe(new Reading(source, subscriber));
  }

  /** The subscription to a body that cannot be opened. */
  private record Nothing() implements Flow.Subscription {
    @Override
    public void request(long count) {
      // There is nothing to be had.
    }

    @Override
    public void cancel() {
      // There is nothing to be closed.
    }
  }

  private final class Reading implements Flow.Subscription {
    private final BodySource source;
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private long wanted;
    private boolean isReading;
    private boolean isOver;

    Reading(BodySource source, Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.source = source;
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      synchronized (this) {
        wanted = wanted + count < 0 ? Long.MAX_VALUE : wanted + count;
        if (isReading || isOver) {
          return;
        }
        isReading = true;
      }
      // The subscriber asks for more while it is given something.
      while (takeTurn()) {
        give();
      }
    }

    private synchronized boolean takeTurn() {
      if (isOver || wanted == 0) {
        isReading = false;
        return false;
      }
      wanted--;
      return true;
    }

    private void give() {
      try {
        Optional<ByteBuffer> bytes = source.next();
        if (bytes.isEmpty()) {
          end();
          subscriber.onComplete();
          return;
        }
        moved.addAndGet(bytes.get().remaining());
        count.accept(bytes.get().remaining());
        subscriber.onNext(bytes.get());
      } catch (IOException e) {
        failure.set(Optional.of(e));
        end();
        subscriber.onError(e);
      }
    }

    private synchronized void end() {
      if (!isOver) {
        isOver = true;
        try {
          source.close();
        } catch (IOException e) {
          // It was only read.
        }
      }
    }

    @Override
    public void cancel() {
      end();
    }
  }
}
