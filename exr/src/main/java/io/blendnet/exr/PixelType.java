package io.blendnet.exr;

/** How a channel stores a value. */
public enum PixelType {
  /** Unsigned 32-bit integer. */
  UINT(4),
  /** 16-bit floating point. */
  HALF(2),
  /** 32-bit floating point. */
  FLOAT(4);

  private final int bytes;

  PixelType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes a value. */
  public int bytes() {
    return bytes;
  }

  /** The number that stands for this type in a file. */
  int code() {
    return ordinal();
  }

  static PixelType ofCode(int code) {
    if (code < 0 || code >= values().length) {
      throw new IllegalArgumentException("unknown pixel type " + code);
    }
    return values()[code];
  }
}
