package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Both sums of a stream, in one pass. Not thread-safe; for one stream. */
public final class Checksums {
  static final int BUFFER = 256 * 1024;

  private final MessageDigest sha1 = digest("SHA-1");
  private final MessageDigest sha256 = digest("SHA-256");
  private long size;

  Checksums() {}

  /**
   * Both sums and the length.
   *
   * @param sha1 lower-case hex
   * @param size in bytes
   */
  public record Sums(BlobId id, String sha1, long size) {}

  void add(byte[] bytes, int length) {
    sha1.update(bytes, 0, length);
    sha256.update(bytes, 0, length);
    size += length;
  }

  /**
   * Adds bytes, each sum on a thread of its own.
   *
   * @return completes when the bytes may be changed; until then nothing else may be added
   */
  CompletableFuture<Void> add(byte[] bytes, int length, Executor threads) {
    size += length;
    return CompletableFuture.allOf(
        CompletableFuture.runAsync(() -> sha1.update(bytes, 0, length), threads),
        CompletableFuture.runAsync(() -> sha256.update(bytes, 0, length), threads));
  }

  long size() {
    return size;
  }

  /** To be asked once. */
  Sums sums() {
    HexFormat hex = HexFormat.of();
    return new Sums(new BlobId(hex.formatHex(sha256.digest())), hex.formatHex(sha1.digest()), size);
  }

  /** Of a whole file, read once. */
  public static Sums of(Path file) throws IOException {
    Checksums checksums = new Checksums();
    byte[] buffer = new byte[BUFFER];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int read = channel.read(ByteBuffer.wrap(buffer));
          read >= 0;
          read = channel.read(ByteBuffer.wrap(buffer))) {
        checksums.add(buffer, read);
      }
    }
    return checksums.sums();
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has " + algorithm, e);
    }
  }
}
