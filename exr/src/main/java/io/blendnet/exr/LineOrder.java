package io.blendnet.exr;

/** In which order the rows of a scanline file lie on disk. */
public enum LineOrder {
  INCREASING_Y,
  DECREASING_Y;

  /** The number that stands for this order in a file. */
  int code() {
    return ordinal();
  }

  static LineOrder ofCode(int code) {
    if (code < 0 || code >= values().length) {
      throw new IllegalArgumentException(
          "line order " + code + " does not exist in files of scanlines");
    }
    return values()[code];
  }
}
