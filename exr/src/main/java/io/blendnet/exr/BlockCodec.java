package io.blendnet.exr;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Packs and unpacks blocks of rows. Keeps its buffers for the next block, so one codec serves one
 * thread.
 */
final class BlockCodec implements AutoCloseable {
  /** OpenEXR's own default since 3.1.3: nearly as small as 6 at twice the speed. */
  private static final int DEFLATE_LEVEL = 4;

  private static final int SHORTEST_RUN = 3;
  private static final int LONGEST_RUN = 128;
  private static final int LONGEST_LITERAL = 127;

  private final Compression compression;
  private final Deflater deflater = new Deflater(DEFLATE_LEVEL);
  private final Inflater inflater = new Inflater();
  private byte[] shuffled = new byte[0];

  BlockCodec(Compression compression) {
    this.compression = compression;
  }

  /**
   * The most bytes that packed bytes of that number can stand for: what a file claims beyond it is
   * a lie, found before memory is spent on it.
   */
  static long unpackedLimit(Compression compression, long packed) {
    return switch (compression) {
      case NONE -> packed;
      case RLE -> packed * LONGEST_RUN;
      // Deflate's best is 258 bytes in 2 bits.
      case ZIPS, ZIP -> packed * 1032 + 64;
    };
  }

  /**
   * Packs {@code raw[0, length)} into {@code packed}.
   *
   * @return the packed length, or {@code length} where the block does not shrink and is to be
   *     stored as it is; {@code packed} is then undefined
   */
  int pack(byte[] raw, int length, byte[] packed) {
    return switch (compression) {
      case NONE -> length;
      case RLE -> {
        shuffle(raw, length);
        yield packRuns(length, packed);
      }
      case ZIPS, ZIP -> {
        shuffle(raw, length);
        deflater.reset();
        deflater.setInput(shuffled, 0, length);
        deflater.finish();
        int size = deflater.deflate(packed, 0, length);
        yield deflater.finished() && size < length ? size : length;
      }
    };
  }

  /**
   * Unpacks {@code packed[0, size)} into {@code raw[0, length)}.
   *
   * @throws DataFormatException where the bytes are no block of that length
   */
  void unpack(byte[] packed, int size, byte[] raw, int length) throws DataFormatException {
    if (size == length) {
      System.arraycopy(packed, 0, raw, 0, length);
      return;
    }
    room(length);
    switch (compression) {
      case NONE -> throw new DataFormatException("an uncompressed block of the wrong size");
      case RLE -> unpackRuns(packed, size, length);
      case ZIPS, ZIP -> {
        inflater.reset();
        inflater.setInput(packed, 0, size);
        int done = 0;
        while (done < length) {
          int step = inflater.inflate(shuffled, done, length - done);
          if (step == 0) {
            throw new DataFormatException("a block that ends early");
          }
          done += step;
        }
        // The checksum is looked at when more is asked for.
        if (inflater.inflate(new byte[1]) != 0 || !inflater.finished()) {
          throw new DataFormatException("a block without its proper end");
        }
      }
    }
    unshuffle(raw, length);
  }

  /** Even bytes first, then odd ones, each as the difference from its neighbour. */
  private void shuffle(byte[] raw, int length) {
    room(length);
    byte[] out = shuffled;
    int half = (length + 1) / 2;
    int previous = 128;
    for (int i = 0; i < half; i++) {
      int value = raw[2 * i];
      out[i] = (byte) (value - previous + 128);
      previous = value;
    }
    for (int i = half; i < length; i++) {
      int value = raw[2 * (i - half) + 1];
      out[i] = (byte) (value - previous + 128);
      previous = value;
    }
  }

  private void unshuffle(byte[] raw, int length) {
    byte[] in = shuffled;
    int half = (length + 1) / 2;
    int value = 128;
    for (int i = 0; i < half; i++) {
      value += in[i] - 128;
      raw[2 * i] = (byte) value;
    }
    for (int i = half; i < length; i++) {
      value += in[i] - 128;
      raw[2 * (i - half) + 1] = (byte) value;
    }
  }

  private int packRuns(int length, byte[] packed) {
    byte[] in = shuffled;
    int out = 0;
    int start = 0;
    while (start < length) {
      int end = start + 1;
      while (end < length && in[end] == in[start] && end - start < LONGEST_RUN) {
        end++;
      }
      if (end - start >= SHORTEST_RUN) {
        if (out + 2 >= length) {
          return length;
        }
        packed[out++] = (byte) (end - start - 1);
        packed[out++] = in[start];
        start = end;
        continue;
      }
      while (end < length && end - start < LONGEST_LITERAL && !runBegins(in, end, length)) {
        end++;
      }
      int literal = end - start;
      if (out + 1 + literal >= length) {
        return length;
      }
      packed[out++] = (byte) -literal;
      System.arraycopy(in, start, packed, out, literal);
      out += literal;
      start = end;
    }
    return out;
  }

  private static boolean runBegins(byte[] in, int at, int length) {
    return at + 2 < length && in[at] == in[at + 1] && in[at] == in[at + 2];
  }

  private void unpackRuns(byte[] packed, int size, int length) throws DataFormatException {
    int in = 0;
    int out = 0;
    while (in < size) {
      int count = packed[in++];
      int run = count < 0 ? -count : count + 1;
      int needed = count < 0 ? run : 1;
      if (in + needed > size || out + run > length) {
        throw new DataFormatException("a run beyond the end of its block");
      }
      if (count < 0) {
        System.arraycopy(packed, in, shuffled, out, run);
      } else {
        Arrays.fill(shuffled, out, out + run, packed[in]);
      }
      in += needed;
      out += run;
    }
    if (out != length) {
      throw new DataFormatException("a block that ends early");
    }
  }

  private void room(int length) {
    if (shuffled.length < length) {
      shuffled = new byte[length];
    }
  }

  @Override
  public void close() {
    deflater.end();
    inflater.end();
  }
}
