package io.blendnet.exr;

import java.util.List;

/** Compressions that are read and written here; all of them keep every bit. */
public enum Compression {
  NONE(0, 1),
  RLE(1, 1),
  /** Deflate, a row at a time. */
  ZIPS(2, 1),
  /** Deflate, 16 rows at a time. */
  ZIP(3, 16);

  private static final List<String> OTHERS =
      List.of("PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB", "HTJ2K");

  private final int code;
  private final int rowsPerBlock;

  Compression(int code, int rowsPerBlock) {
    this.code = code;
    this.rowsPerBlock = rowsPerBlock;
  }

  /** Rows that are compressed together. */
  public int rowsPerBlock() {
    return rowsPerBlock;
  }

  /** The number that stands for this compression in a file. */
  int code() {
    return code;
  }

  static Compression ofCode(int code) {
    for (Compression compression : values()) {
      if (compression.code == code) {
        return compression;
      }
    }
    int other = code - values().length;
    String name = other >= 0 && other < OTHERS.size() ? OTHERS.get(other) : "number " + code;
    throw new IllegalArgumentException(
        "compression "
            + name
            + " is not read here; save the file with the codec None, RLE, ZIPS or ZIP");
  }
}
