package io.blendnet.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Checksums of files, in lower-case hex. */
public enum FileChecksum {
  /** API v1's. */
  SHA_1("SHA-1"),
  /** The farm's own identity of a content. */
  SHA_256("SHA-256");

  private static final int BUFFER = 256 * 1024;

  private final String algorithm;

  FileChecksum(String algorithm) {
    this.algorithm = algorithm;
  }

  /** Of a whole file, read once. */
  public String of(Path file) throws IOException {
    MessageDigest digest = start();
    byte[] buffer = new byte[BUFFER];
    try (InputStream bytes = Files.newInputStream(file)) {
      for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  MessageDigest start() {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has " + algorithm, e);
    }
  }
}
