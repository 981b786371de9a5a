package io.blendnet.exr;

/** How a channel stores a value. */
public enum PixelType {
  /** Unsigned 32-bit integer. */
  UINT(0, 4),
  /** 16-bit floating point. */
  HALF(1, 2),
  /** 32-bit floating point. */
  FLOAT(2, 4);

  private final int code;
  private final int bytes;

  PixelType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** Bytes a value. */
  public int bytes() {
    return bytes;
  }

  /** The number that stands for this type in a file. */
  int code() {
    return code;
  }

  static PixelType ofCode(int code) {
    for (PixelType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new IllegalArgumentException("unknown pixel type " + code);
  }
}
