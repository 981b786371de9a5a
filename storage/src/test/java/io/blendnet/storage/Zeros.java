package io.blendnet.storage;

import java.io.IOException;
import java.io.InputStream;

/** A stream of so many zeros, at whose end the connection may break. */
final class Zeros extends InputStream {
  private final boolean breaks;
  private long left;

  private Zeros(long length, boolean breaks) {
    left = length;
    this.breaks = breaks;
  }

  static Zeros of(long length) {
    return new Zeros(length, false);
  }

  static Zeros breakingAfter(long length) {
    return new Zeros(length, true);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : 0;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (left == 0 && breaks) {
      throw new IOException("connection reset");
    }
    if (left == 0) {
      return -1;
    }
    int count = (int) Math.min(left, length);
    left -= count;
    return count;
  }
}
