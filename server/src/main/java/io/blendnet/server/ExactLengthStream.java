package io.blendnet.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Gives exactly the bytes that are announced. A connection that breaks is a failure, never an early
 * end: Helidon's HTTP/2 streams end quietly when they are interrupted.
 */
final class ExactLengthStream extends InputStream {
  private final InputStream content;
  private final UploadRead read;
  private final long announced;
  private long remaining;

  ExactLengthStream(InputStream content, UploadRead read, long announced) {
    this.content = content;
    this.read = read;
    this.announced = announced;
    this.remaining = announced;
  }

  long remaining() {
    return remaining;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    if (length == 0) {
      return 0;
    }
    int count;
    try {
      count = read.read(content, buffer, offset, (int) Math.min(length, remaining));
    } catch (RuntimeException | IOException e) {
      // Helidon reports a lost connection by several unchecked exceptions of its own.
      throw new ClientGoneException(announced - remaining, announced, e);
    }
    if (count < 0) {
      throw new ClientGoneException(announced - remaining, announced, new EOFException());
    }
    remaining -= count;
    return count;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(content.available(), remaining);
  }
}
