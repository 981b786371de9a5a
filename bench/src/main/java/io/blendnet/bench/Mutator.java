package io.blendnet.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes bytes that are nearly right out of bytes that are. The same seed makes the same. */
final class Mutator {
  private static final int LONGEST = 1 << 20;
  private static final int[] TELLING = {
    0, 1, -1, 127, 128, 255, 256, 32_767, 65_535, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE
  };
  private static final List<byte[]> WORDS =
      List.of(
              "..",
              "/",
              "\\",
              "%",
              "%2e",
              "%2F",
              "%00",
              "%c0%af",
              "\"",
              "{",
              "}",
              "[",
              "]",
              ":",
              ",",
              "null",
              "true",
              "-",
              "1e999",
              "99999999999999999999",
              "\\ud800",
              "\r\n",
              "\n",
              "\u0000",
              "Content-Length: 9\r\n",
              "Transfer-Encoding: chunked\r\n",
              "Expect: 100-continue\r\n",
              "channels",
              "chlist",
              "dataWindow")
          .stream()
          .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
          .toList();

  private final RandomGenerator random;
  private final List<byte[]> samples;

  Mutator(RandomGenerator random, List<byte[]> samples) {
    this.random = random;
    this.samples = List.copyOf(samples);
  }

  byte[] next() {
    byte[] bytes = sample().clone();
    int changes = 1 + random.nextInt(1 << random.nextInt(5));
    for (int i = 0; i < changes; i++) {
      bytes = changed(bytes);
    }
    return bytes;
  }

  private byte[] sample() {
    return samples.get(random.nextInt(samples.size()));
  }

  private byte[] changed(byte[] bytes) {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    return switch (random.nextInt(9)) {
      case 0 -> with(bytes, at, new byte[] {(byte) random.nextInt(256)});
      case 1 -> bytes.length == 0 ? bytes : flipped(bytes, at);
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 ->
          spliced(bytes, at, at + random.nextInt(1 + Math.min(64, bytes.length - at)), new byte[0]);
      case 4 -> spliced(bytes, at, at, WORDS.get(random.nextInt(WORDS.size())));
      case 5 -> with(bytes, at, number(TELLING[random.nextInt(TELLING.length)]));
      case 6 -> {
        byte[] other = sample();
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        yield spliced(
            bytes,
            at,
            at,
            Arrays.copyOfRange(other, from, from + random.nextInt(1 + other.length - from)));
      }
      case 7 -> {
        byte[] many = new byte[random.nextInt(1 << random.nextInt(14))];
        Arrays.fill(many, bytes.length == 0 ? 0 : bytes[at]);
        yield spliced(bytes, at, at, many);
      }
      default -> with(bytes, at, WORDS.get(random.nextInt(WORDS.size())));
    };
  }

  private byte[] flipped(byte[] bytes, int at) {
    bytes[at] ^= (byte) (1 << random.nextInt(8));
    return bytes;
  }

  /** Little-endian, as EXR files have them. */
  private static byte[] number(int value) {
    return new byte[] {
      (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
    };
  }

  private static byte[] with(byte[] bytes, int at, byte[] part) {
    for (int i = 0; i < part.length && at + i < bytes.length; i++) {
      bytes[at + i] = part[i];
    }
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] part) {
    if (bytes.length + part.length > LONGEST) {
      return bytes;
    }
    byte[] made = new byte[from + part.length + bytes.length - to];
    System.arraycopy(bytes, 0, made, 0, from);
    System.arraycopy(part, 0, made, from, part.length);
    System.arraycopy(bytes, to, made, from + part.length, bytes.length - to);
    return made;
  }
}
