package io.blendnet.server;

import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Looks at the frames of an HTTP/2 connection as they arrive, and ends it where they are many and
 * to no purpose. Helidon 4.5.0 counts resets and empty data frames itself; it keeps every empty
 * CONTINUATION frame in memory though, and answers any number of SETTINGS and PING frames. Used by
 * the connection's thread.
 */
final class FrameGuard {
  /** Headers are 32 KiB at most, in frames of 16 KiB. */
  static final int CONTINUATIONS = 32;

  /** Frames beside headers and data that may come in one go. */
  static final int BURST = 1_000;

  /** One more may come after so long. */
  private static final Duration ONE_MORE_AFTER = Duration.ofMillis(5);

  private static final int PREFACE = 24;
  private static final int FRAME_HEADER = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;

  private final LongSupplier nanoTime;
  private final byte[] header = new byte[FRAME_HEADER];
  private int headerBytes;
  private int toSkip = PREFACE;
  private int continuations;
  private double credit = BURST;
  private long creditSince;

  FrameGuard(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.creditSince = nanoTime.getAsLong();
  }

  /**
   * Looks at what has come.
   *
   * @throws CloseConnectionException it is too much of what helps nobody
   */
  void look(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      if (toSkip > 0) {
        int step = Math.min(toSkip, bytes.length - at);
        toSkip -= step;
        at += step;
        continue;
      }
      int step = Math.min(FRAME_HEADER - headerBytes, bytes.length - at);
      System.arraycopy(bytes, at, header, headerBytes, step);
      headerBytes += step;
      at += step;
      if (headerBytes == FRAME_HEADER) {
        headerBytes = 0;
        toSkip = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
        count(header[3] & 0xff);
      }
    }
  }

  private void count(int type) {
    switch (type) {
      case HEADERS -> continuations = 0;
      case CONTINUATION -> {
        if (++continuations > CONTINUATIONS) {
          throw new CloseConnectionException("Headers without an end");
        }
      }
      // As many as there is data, in either direction.
      case DATA, WINDOW_UPDATE -> {}
      default -> spend();
    }
  }

  private void spend() {
    long now = nanoTime.getAsLong();
    double more = (double) Math.max(0, now - creditSince) / ONE_MORE_AFTER.toNanos();
    credit = Math.min(BURST, credit + more) - 1;
    creditSince = now;
    if (credit < 0) {
      throw new CloseConnectionException("Too many frames that carry nothing");
    }
  }
}
