package io.blendnet.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/**
 * Takes streams to where they are kept and sums them up on the way. While a buffer is filled and
 * written, the one before is summed up on another thread, which costs as much. Memory is two
 * buffers, and whoever reads slower slows the sender. Thread-safe.
 */
final class Intake {
  /** What a stream's bytes are handed to. */
  interface Target {
    void write(byte[] bytes, int length) throws IOException;
  }

  /** Large, so that threads seldom wait for each other. */
  private static final int BUFFER = 512 * 1024;

  private final Executor threads;

  Intake(Executor threads) {
    this.threads = threads;
  }

  /**
   * Reads a stream to its end. All that it gave is written and summed up on return, and also when
   * the stream breaks.
   *
   * @param length what the stream is to give, as far as is known
   * @throws IOException what the stream or the target threw
   */
  void take(InputStream bytes, long length, Checksums sums, Target target) throws IOException {
    byte[][] buffers =
        length > BUFFER ? new byte[2][BUFFER] : new byte[1][Math.clamp(length, 1, BUFFER)];
    CompletableFuture<Void> pending = CompletableFuture.completedFuture(null);
    try {
      boolean goesOn = true;
      for (int turn = 0; goesOn; turn++) {
        byte[] buffer = buffers[turn % buffers.length];
        Filled filled = fill(buffer, bytes);
        if (filled.length() > 0) {
          target.write(buffer, filled.length());
          await(pending);
          pending = sums.add(buffer, filled.length(), threads);
        }
        if (buffers.length == 1) {
          await(pending);
        }
        if (filled.failure().isPresent()) {
          throw filled.failure().get();
        }
        goesOn = filled.goesOn();
      }
    } finally {
      await(pending);
    }
  }

  /** The sum of a whole file. */
  Checksums of(InputStream file, long length) throws IOException {
    Checksums sums = Checksums.sha256();
    take(file, length, sums, (_, _) -> {});
    return sums;
  }

  private record Filled(int length, boolean goesOn, Optional<IOException> failure) {}

  private static Filled fill(byte[] buffer, InputStream bytes) {
    int filled = 0;
    try {
      while (filled < buffer.length) {
        int read = bytes.read(buffer, filled, buffer.length - filled);
        if (read < 0) {
          return new Filled(filled, false, Optional.empty());
        }
        filled += read;
      }
      return new Filled(filled, true, Optional.empty());
    } catch (IOException e) {
      return new Filled(filled, false, Optional.of(e));
    }
  }

  private static void await(CompletableFuture<Void> pending) throws IOException {
    try {
      pending.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("The program is about to end");
    } catch (ExecutionException e) {
      throw new IllegalStateException("A sum cannot be made", e.getCause());
    }
  }
}
