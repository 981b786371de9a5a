package io.blendnet.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobMismatchException;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.UploadConflictException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads that come in pieces, and what becomes of those whose rest never comes. */
class UploadsTest {
  private static final int MIB = 1024 * 1024;
  private static final int SIZE = 5 * MIB + 123;
  private static final byte[] CONTENT = noise(1, SIZE);
  private static final BlobId ID = idOf(CONTENT);

  @TempDir Path work;

  private Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private final AtomicLong nanos = new AtomicLong();
  private BlobStore store;

  @BeforeEach
  void openStore() throws IOException {
    store = open(Long.MAX_VALUE);
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  @Test
  void anUploadThatBreaksGoesOnWhereItStopped() throws IOException {
    breakOffAt(0, 1_000_000);
    assertThat(store.find(ID)).as("half of it is not seen").isEmpty();
    assertThat(store.received(ID, SIZE)).isEqualTo(1_000_000);
    breakOffAt(1_000_000, 1_000_001);
    breakOffAt(1_000_001, 4_000_000);
    Blob blob = store.receive(new BlobPart(ID, 4_000_000, SIZE), from(4_000_000));
    assertThat(blob.size()).isEqualTo(SIZE);
    assertThat(blob.id()).isEqualTo(ID);
    assertThat(store.file(ID)).hasBinaryContent(CONTENT);
    assertThat(store.received(ID, SIZE)).isZero();
    assertThat(uploads()).isEmpty();
  }

  @Test
  void anUploadGoesOnAfterARestartWithAWholeBlock() throws IOException {
    breakOffAt(0, 3 * MIB + 17);
    reopen(Long.MAX_VALUE);
    assertThat(store.received(ID, SIZE)).isEqualTo(3 * MIB);
    breakOffAt(3 * MIB, 4 * MIB);
    store.receive(new BlobPart(ID, 4 * MIB, SIZE), from(4 * MIB));
    assertThat(store.file(ID)).hasBinaryContent(CONTENT);
  }

  @Test
  void whatWasWhollyThereAtARestartIsFinishedByItsLastBlock() throws IOException {
    breakOffAt(0, 4 * MIB);
    store.close();
    Files.write(work.resolve("blobs/uploads").resolve(ID.sha256()), CONTENT);
    store = open(Long.MAX_VALUE);
    long received = store.received(ID, SIZE);
    assertThat(received).isEqualTo(5 * MIB);
    store.receive(new BlobPart(ID, received, SIZE), from((int) received));
    assertThat(store.file(ID)).hasBinaryContent(CONTENT);
  }

  @Test
  void whatIsLessThanABlockIsGoneAfterARestart() throws IOException {
    breakOffAt(0, 1_000);
    reopen(Long.MAX_VALUE);
    assertThat(store.received(ID, SIZE)).isZero();
    assertThat(uploads()).isEmpty();
  }

  @Test
  void whatIsReceivedSurvivesKill9() throws Exception {
    store.close();
    try (ChildJava child =
        ChildJava.start(
            HalfAnUpload.class,
            List.of("-Dorg.sqlite.tmpdir=" + work),
            work.resolve("blobs").toString())) {
      assertThat(child.line()).contains("half");
      child.kill();
    }
    store = open(Long.MAX_VALUE);
    assertThat(store.received(ID, SIZE)).isEqualTo(3 * MIB);
    store.receive(new BlobPart(ID, 3 * MIB, SIZE), from(3 * MIB));
    assertThat(store.file(ID)).hasBinaryContent(CONTENT);
  }

  /** Receives the first half of the content, says so, and waits for the rest for ever. */
  static final class HalfAnUpload {
    public static void main(String[] arguments) throws IOException {
      try (BlobStore store = FileBlobStore.open(Path.of(arguments[0]))) {
        store.receive(
            BlobPart.whole(ID, SIZE),
            new InputStream() {
              private final InputStream half = new ByteArrayInputStream(CONTENT, 0, 7 * MIB / 2);

              @Override
              public int read() {
                throw new AssertionError("Nobody reads byte by byte");
              }

              @Override
              public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = half.read(buffer, offset, length);
                while (count < 0) {
                  System.out.println("half");
                  LockSupport.park();
                }
                return count;
              }
            });
      }
    }
  }

  @Test
  void anUploadThatDoesNotGoOnWhereItStoppedIsRefusedUnread() throws IOException {
    breakOffAt(0, 2_000_000);
    for (int first : List.of(0, 1_999_999, 2_000_001, 4_000_000)) {
      InputStream unread = from(first);
      assertThatExceptionOfType(UploadConflictException.class)
          .isThrownBy(() -> store.receive(new BlobPart(ID, first, SIZE), unread))
          .satisfies(conflict -> {
            assertThat(conflict.id()).isEqualTo(ID);
            assertThat(conflict.received()).isEqualTo(2_000_000);
          });
      assertThat(unread.available()).isEqualTo(SIZE - first);
    }
  }

  @Test
  void ofAContentThatIsNotWhatItsNameSaysNothingIsKept() throws IOException {
    breakOffAt(0, 2_000_000);
    byte[] other = noise(2, SIZE);
    assertThatExceptionOfType(BlobMismatchException.class)
        .isThrownBy(() ->
            store.receive(
                new BlobPart(ID, 2_000_000, SIZE),
                new ByteArrayInputStream(other, 2_000_000, SIZE - 2_000_000)));
    assertThat(store.find(ID)).isEmpty();
    assertThat(store.received(ID, SIZE)).isZero();
    assertThat(uploads()).isEmpty();
    store.receive(BlobPart.whole(ID, SIZE), from(0));
    assertThat(store.file(ID)).hasBinaryContent(CONTENT);
  }

  @Test
  void whoeverLiedAboutTheSizeDoesNotKeepTheNextOneFromSending() throws IOException {
    assertThatThrownBy(() ->
            store.receive(
                BlobPart.whole(ID, 10L * SIZE), new Broken(new ByteArrayInputStream(CONTENT))))
        .hasMessage("connection reset");
    assertThat(store.received(ID, SIZE)).isZero();
    store.receive(BlobPart.whole(ID, SIZE), from(0));
    assertThat(store.file(ID)).hasBinaryContent(CONTENT);
  }

  @Test
  void aContentThatIsThereIsNotReadAgain() throws IOException {
    store.receive(BlobPart.whole(ID, SIZE), from(0));
    InputStream unread = from(0);
    assertThat(store.receive(BlobPart.whole(ID, SIZE), unread).id()).isEqualTo(ID);
    assertThat(unread.available()).isEqualTo(SIZE);
  }

  @Test
  void anEmptyContentIsReceivedToo() throws IOException {
    BlobId empty = idOf(new byte[0]);
    store.receive(BlobPart.whole(empty, 0), InputStream.nullInputStream());
    assertThat(store.find(empty)).isPresent();
  }

  @Test
  void ofTwoUploadsOfOneContentTheSecondIsRefusedUntilTheFirstStalls() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = new Stalling(new ByteArrayInputStream(CONTENT, 0, 2 * MIB));
      Future<Blob> stalls = threads.submit(() -> store.receive(BlobPart.whole(ID, SIZE), first));
      first.awaitSilence();
      assertThatExceptionOfType(UploadConflictException.class)
          .isThrownBy(() -> store.receive(BlobPart.whole(ID, SIZE), from(0)))
          .withMessageContaining("under way")
          .satisfies(conflict -> assertThat(conflict.received()).isEqualTo(2 * MIB));

      nanos.addAndGet(BlobStore.STALLED.toNanos());
      store.receive(new BlobPart(ID, 2 * MIB, SIZE), from(2 * MIB));
      assertThat(store.file(ID)).hasBinaryContent(CONTENT);

      first.goOnWith(CONTENT);
      assertThatExceptionOfType(ExecutionException.class).isThrownBy(stalls::get);
      assertThat(store.file(ID)).as("what comes too late").hasBinaryContent(CONTENT);
      assertThat(uploads()).isEmpty();
    }
  }

  @Test
  void uploadsOfDifferentContentsRunAtTheSameTime() throws Exception {
    List<byte[]> contents =
        Stream.iterate(10, i -> i + 1).limit(8).map(i -> noise(i, SIZE)).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Blob>> puts =
          contents.stream()
              .<Callable<Blob>>map(content ->
                  () ->
                      store.receive(
                          BlobPart.whole(idOf(content), SIZE), new ByteArrayInputStream(content)))
              .toList();
      for (Future<Blob> done : threads.invokeAll(puts)) {
        assertThat(done.get().size()).isEqualTo(SIZE);
      }
    }
    for (byte[] content : contents) {
      assertThat(store.file(idOf(content))).hasBinaryContent(content);
    }
  }

  @Test
  void whatNobodyAskedForGoesAndTheRestStays() throws IOException {
    breakOffAt(0, 2_000_000);
    byte[] other = noise(2, SIZE);
    assertThatThrownBy(() ->
            store.receive(
                BlobPart.whole(idOf(other), SIZE),
                new Broken(new ByteArrayInputStream(other, 0, 3 * MIB))))
        .hasMessage("connection reset");
    now = now.plus(Duration.ofHours(2));
    assertThat(store.received(ID, SIZE)).isEqualTo(2_000_000);

    store.dropUploads(Duration.ofHours(1));

    assertThat(store.received(idOf(other), SIZE)).isZero();
    assertThat(store.received(ID, SIZE)).isEqualTo(2_000_000);
    assertThat(store.bytes()).isEqualTo(2_000_000);
    reopen(Long.MAX_VALUE);
    now = now.plus(Duration.ofHours(2));
    store.dropUploads(Duration.ofHours(3));
    assertThat(store.received(ID, SIZE)).as("the time outlives a restart").isEqualTo(MIB);
    now = now.plus(Duration.ofHours(4));
    store.dropUploads(Duration.ofHours(3));
    assertThat(uploads()).isEmpty();
    assertThat(store.bytes()).isZero();
  }

  @Test
  void aDiskThatFillsUpMeanwhileLeavesNothingHalf() throws IOException {
    try (TinyDisk disk = TinyDisk.mount(work.resolve("disk"), 4_096);
        BlobStore small = FileBlobStore.open(disk.folder().resolve("blobs"))) {
      InputStream unread = from(0);
      assertThatExceptionOfType(StorageFullException.class)
          .isThrownBy(() -> small.receive(BlobPart.whole(ID, SIZE), unread));
      assertThat(unread.available()).isEqualTo(SIZE);

      byte[] fits = noise(3, 2 * MIB);
      long before = disk.folder().toFile().getUsableSpace();
      Path ballast = disk.folder().resolve("ballast");
      InputStream whileOthersWrite =
          new InputStream() {
            private final InputStream bytes = new ByteArrayInputStream(fits);

            @Override
            public int read() {
              throw new AssertionError("Nobody reads byte by byte");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
              if (bytes.available() < MIB && Files.notExists(ballast)) {
                disk.fillUpTo(100_000);
              }
              return bytes.read(buffer, offset, length);
            }
          };
      assertThatExceptionOfType(StorageFullException.class)
          .isThrownBy(
              () -> small.receive(BlobPart.whole(idOf(fits), fits.length), whileOthersWrite));
      Files.delete(ballast);
      assertThat(disk.folder().toFile().getUsableSpace()).isEqualTo(before);
      small.receive(BlobPart.whole(idOf(fits), fits.length), new ByteArrayInputStream(fits));
      assertThat(small.file(idOf(fits))).hasBinaryContent(fits);
    }
  }

  @Test
  void beyondTheLimitNothingIsReadAndUploadsUnderWayCount() throws Exception {
    reopen(2L * SIZE);
    byte[] other = noise(2, SIZE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = new Stalling(new ByteArrayInputStream(CONTENT, 0, 2 * MIB));
      Future<Blob> stalls = threads.submit(() -> store.receive(BlobPart.whole(ID, SIZE), first));
      first.awaitSilence();
      assertThat(store.room()).isEqualTo(SIZE);
      InputStream unread = Zeros.of(SIZE + 1);
      assertThatExceptionOfType(StorageFullException.class)
          .isThrownBy(() -> store.put(unread, BlobExpectation.NONE.withSize(SIZE + 1)))
          .withMessageContaining("storage limit")
          .satisfies(full -> assertThat(full.free()).isEqualTo(SIZE));
      store.receive(BlobPart.whole(idOf(other), SIZE), new ByteArrayInputStream(other));
      assertThat(store.room()).isZero();
      first.goOnWith(Arrays.copyOfRange(CONTENT, 2 * MIB, SIZE));
      assertThat(stalls.get().size()).isEqualTo(SIZE);
    }
    assertThat(store.bytes()).isEqualTo(2L * SIZE);
    store.delete(ID);
    assertThat(store.room()).isEqualTo(SIZE);
    reopen(2L * SIZE);
    assertThat(store.room()).isEqualTo(SIZE);
  }

  private BlobStore open(long limit) throws IOException {
    return FileBlobStore.open(work.resolve("blobs"), limit, () -> now, nanos::get);
  }

  private void reopen(long limit) throws IOException {
    store.close();
    store = open(limit);
  }

  private void breakOffAt(int first, int end) {
    assertThatThrownBy(() ->
            store.receive(
                new BlobPart(ID, first, SIZE),
                new Broken(new ByteArrayInputStream(CONTENT, first, end - first))))
        .hasMessage("connection reset");
  }

  private List<Path> uploads() throws IOException {
    try (Stream<Path> files = Files.list(work.resolve("blobs/uploads"))) {
      return files.toList();
    }
  }

  private static InputStream from(int first) {
    return new ByteArrayInputStream(CONTENT, first, SIZE - first);
  }

  static byte[] noise(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static BlobId idOf(byte[] bytes) {
    Checksums checksums = Checksums.sha256();
    checksums.add(bytes, bytes.length);
    return checksums.sums().id();
  }

  /** A connection that breaks after some bytes. */
  private static final class Broken extends InputStream {
    private final InputStream bytes;

    Broken(InputStream bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      throw new AssertionError("Nobody reads byte by byte");
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = bytes.read(buffer, offset, length);
      if (count < 0) {
        throw new IOException("connection reset");
      }
      return count;
    }
  }

  /** A connection that says nothing more after some bytes, until it is told to. */
  private static final class Stalling extends InputStream {
    private final CountDownLatch silent = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);
    private volatile InputStream bytes;
    private volatile boolean last;

    Stalling(InputStream bytes) {
      this.bytes = bytes;
    }

    void awaitSilence() throws InterruptedException {
      silent.await();
    }

    void goOnWith(byte[] rest) {
      bytes = new ByteArrayInputStream(rest);
      last = true;
      goesOn.countDown();
    }

    @Override
    public int read() {
      throw new AssertionError("Nobody reads byte by byte");
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = bytes.read(buffer, offset, length);
      if (count >= 0 || last) {
        return count;
      }
      silent.countDown();
      try {
        goesOn.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return bytes.read(buffer, offset, length);
    }
  }
}
