package io.blendnet.exr;

/** In which order the rows of a scanline file lie on disk. */
public enum LineOrder {
  INCREASING_Y,
  DECREASING_Y;

  /** The number that stands for this order in a file. */
  int code() {
    return switch (this) {
      case INCREASING_Y -> 0;
      case DECREASING_Y -> 1;
    };
  }

  static LineOrder ofCode(int code) {
    return switch (code) {
      case 0 -> INCREASING_Y;
      case 1 -> DECREASING_Y;
      default ->
          throw new IllegalArgumentException(
              "line order " + code + " does not exist in files of scanlines");
    };
  }
}
