package io.blendnet.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Length and sums of a file, lower-case hex.
 *
 * @param size in bytes
 * @param sha1 what API v1 sends along with a file
 */
record FileSums(long size, String sha1, String sha256) {
  private static final int CHUNK = 1 << 20;

  /** Reads a file once. */
  static FileSums of(Path file) throws IOException {
    MessageDigest sha1 = digest("SHA-1");
    MessageDigest sha256 = digest("SHA-256");
    byte[] chunk = new byte[CHUNK];
    long size = 0;
    try (InputStream bytes = Files.newInputStream(file)) {
      for (int read = bytes.read(chunk); read >= 0; read = bytes.read(chunk)) {
        sha1.update(chunk, 0, read);
        sha256.update(chunk, 0, read);
        size += read;
      }
    }
    HexFormat hex = HexFormat.of();
    return new FileSums(size, hex.formatHex(sha1.digest()), hex.formatHex(sha256.digest()));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has " + algorithm, e);
    }
  }
}
