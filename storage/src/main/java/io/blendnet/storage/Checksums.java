package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The SHA-256 of a stream, and its SHA-1 where API v1 is to check or show it: together they cost
 * more than twice as much. Not thread-safe; for one stream.
 */
public final class Checksums {
  static final int BUFFER = 256 * 1024;

  private final MessageDigest sha256 = digest("SHA-256");
  private final Optional<MessageDigest> sha1;
  private long size;

  private Checksums(Optional<MessageDigest> sha1) {
    this.sha1 = sha1;
  }

  static Checksums sha256() {
    return new Checksums(Optional.empty());
  }

  static Checksums withSha1() {
    return new Checksums(Optional.of(digest("SHA-1")));
  }

  /**
   * Sums and length.
   *
   * @param sha1 lower-case hex; empty where it was not made
   * @param size in bytes
   */
  public record Sums(BlobId id, Optional<String> sha1, long size) {}

  void add(byte[] bytes, int length) {
    sha256.update(bytes, 0, length);
    sha1.ifPresent(sum -> sum.update(bytes, 0, length));
    size += length;
  }

  /**
   * Adds bytes, each sum on a thread of its own.
   *
   * @return completes when the bytes may be changed; until then nothing else may be added
   */
  CompletableFuture<Void> add(byte[] bytes, int length, Executor threads) {
    size += length;
    List<CompletableFuture<Void>> sums = new ArrayList<>();
    sums.add(CompletableFuture.runAsync(() -> sha256.update(bytes, 0, length), threads));
    sha1.ifPresent(
        sum -> sums.add(CompletableFuture.runAsync(() -> sum.update(bytes, 0, length), threads)));
    return CompletableFuture.allOf(sums.toArray(CompletableFuture[]::new));
  }

  long size() {
    return size;
  }

  /** To be asked once. */
  Sums sums() {
    return new Sums(new BlobId(hex(sha256)), sha1.map(Checksums::hex), size);
  }

  /** Of a whole file, read once; without the SHA-1. */
  public static Sums of(Path file) throws IOException {
    return sha256().addAll(file);
  }

  /** Of a whole file, read once; with the SHA-1. */
  static Sums bothOf(Path file) throws IOException {
    return withSha1().addAll(file);
  }

  private Sums addAll(Path file) throws IOException {
    read(file, this::add);
    return sums();
  }

  /** The SHA-1 of a whole file, in lower-case hex. */
  static String sha1(Path file) throws IOException {
    MessageDigest sha1 = digest("SHA-1");
    read(file, (bytes, length) -> sha1.update(bytes, 0, length));
    return hex(sha1);
  }

  private interface Taker {
    void take(byte[] bytes, int length);
  }

  private static void read(Path file, Taker taker) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int read = channel.read(ByteBuffer.wrap(buffer));
          read >= 0;
          read = channel.read(ByteBuffer.wrap(buffer))) {
        taker.take(buffer, read);
      }
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has " + algorithm, e);
    }
  }
}
