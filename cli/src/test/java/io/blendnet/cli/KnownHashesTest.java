package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.protocol.FileChecksum;
import io.blendnet.security.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known must never be told of another content. */
class KnownHashesTest {
  /** All files of these tests are that old to it. */
  private static final InstantSource LATER = () -> Instant.now().plus(Duration.ofMinutes(1));

  @TempDir private Path folder;
  private Path file;
  private Path cache;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("wood.png"), "oak");
    cache = folder.resolve("cache");
  }

  private KnownHashes open() {
    return KnownHashes.open(cache, LATER);
  }

  private void remember() throws IOException {
    KnownHashes hashes = open();
    hashes.offer(file);
    hashes.save();
  }

  /** Of the same size, and with the old time. */
  private void overwriteSecretly(String content) throws IOException {
    FileTime before = Files.getLastModifiedTime(file);
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, before);
  }

  /** Told by a false hash, which nobody would find by reading. */
  @Test
  void anUnchangedFileIsNotReadAgain() throws Exception {
    remember();
    String sum = FileChecksum.SHA_256.of(file);
    byte[] hash = HexFormat.of().parseHex(sum);
    Path kept = cache.resolve("known-hashes");
    byte[] bytes = Files.readAllBytes(kept);
    int at = indexOf(bytes, hash);
    bytes[at] ^= 1;
    Files.write(kept, withSum(bytes));

    assertThat(open().offer(file).blob().sha256()).isNotEqualTo(sum).endsWith(sum.substring(2));
  }

  @Test
  void aFileThatWasOverwrittenWithItsOldTimeAndSizeIsReadAgain() throws Exception {
    remember();
    overwriteSecretly("elm");

    assertThat(open().offer(file).blob().sha256()).isEqualTo(FileChecksum.SHA_256.of(file));
  }

  @Test
  void anotherFileInItsPlaceIsReadAgain() throws Exception {
    remember();
    Path other = Files.writeString(folder.resolve("other.png"), "fir");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.delete(file);
    Files.move(other, file);

    assertThat(open().offer(file).blob().sha256()).isEqualTo(FileChecksum.SHA_256.of(file));
  }

  @Test
  void aFileThatChangedJustNowIsNotRemembered() throws Exception {
    KnownHashes hashes = KnownHashes.open(cache, InstantSource.system());
    hashes.offer(file);
    hashes.save();

    assertThat(Files.size(cache.resolve("known-hashes"))).isLessThan(100);
  }

  @Test
  void whatIsKeptIsPrivate() throws Exception {
    remember();

    assertThat(PrivateFiles.isPrivate(cache)).isTrue();
    assertThat(PrivateFiles.isPrivate(cache.resolve("known-hashes"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 9, 40, 70})
  void whatIsDamagedIsNotBelieved(int place) throws Exception {
    remember();
    Path kept = cache.resolve("known-hashes");
    byte[] bytes = Files.readAllBytes(kept);
    bytes[place] ^= 1;
    Files.write(kept, bytes);

    assertThat(open().offer(file).blob().sha256()).isEqualTo(FileChecksum.SHA_256.of(file));
  }

  @Test
  void aCacheThatCannotBeWrittenIsNoTrouble() throws Exception {
    Files.writeString(cache, "a file where the folder should be");
    remember();

    assertThat(open().offer(file).blob().sha256()).isEqualTo(FileChecksum.SHA_256.of(file));
  }

  @Test
  void twoCommandsKeepWhatEachOfThemLearnt() throws Exception {
    Path second = Files.writeString(folder.resolve("stone.png"), "granite");
    KnownHashes one = open();
    KnownHashes other = open();
    one.offer(file);
    other.offer(second);
    one.save();
    long afterOne = Files.size(cache.resolve("known-hashes"));
    other.save();

    assertThat(Files.size(cache.resolve("known-hashes"))).isGreaterThan(afterOne);
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at <= bytes.length - part.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("The hash is not kept as it is");
  }

  /** The sum at the end made right. */
  private static byte[] withSum(byte[] bytes) {
    var sum = new CRC32C();
    int length = bytes.length - Long.BYTES;
    sum.update(bytes, 0, length);
    ByteBuffer.wrap(bytes).putLong(length, sum.getValue());
    return bytes;
  }
}
