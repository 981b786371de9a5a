package io.blendnet.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobConflictException;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobMismatchException;
import io.blendnet.storage.spi.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every blob store promises. A subclass runs it on one implementation. */
public abstract class BlobStoreContract {
  /** FIPS 180: the sums of "abc". */
  static final String ABC_SHA1 = "a9993e364706816aba3e25717850c26c9cd0d89d";

  static final BlobId ABC =
      new BlobId("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

  /**
   * The first 320 bytes of the two PDFs of shattered.io: equal in SHA-1, and so is all that
   * follows.
   */
  private static final String SHATTERED_START =
      "255044462d312e330a25e2e3cfd30a0a0a312030206f626a0a3c3c2f57696474682032203020522f4865696768"
          + "742033203020522f547970652034203020522f537562747970652035203020522f46696c746572203620302052"
          + "2f436f6c6f7253706163652037203020522f4c656e6774682038203020522f42697473506572436f6d706f6e65"
          + "6e7420383e3e0a73747265616d0affd8fffe00245348412d3120697320646561642121212121852fec09233975"
          + "9c39b1a1c63c4c97e1fffe01";

  private static final String SHATTERED_ONE =
      "7f46dc93a6b67e013b029aaa1db2560b45ca67d688c7f84b8c4c791fe02b3df614f86db1690901c56b45c1530a"
          + "fedfb76038e972722fe7ad728f0e4904e046c230570fe9d41398abe12ef5bc942be33542a4802d98b5d70f2a33"
          + "2ec37fac3514e74ddc0f2cc1a874cd0c78305a21566461309789606bd0bf3f98cda8044629a1";

  private static final String SHATTERED_TWO =
      "7346dc9166b67e118f029ab621b2560ff9ca67cca8c7f85ba84c79030c2b3de218f86db3a90901d5df45c14f26"
          + "fedfb3dc38e96ac22fe7bd728f0e45bce046d23c570feb141398bb552ef5a0a82be331fea48037b8b5d71f0e33"
          + "2edf93ac3500eb4ddc0decc1a864790c782c76215660dd309791d06bd0af3f98cda4bc4629b1";

  private static final String SHATTERED_SHA1 = "f92d74e3874587aaf443d1db961d4e26dde13e9c";

  @TempDir Path work;

  private BlobStore store;

  /** Opens the same store every time within a test. */
  protected abstract BlobStore open() throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  @Test
  void bytesComeBackAsTheyWereWithTheirSums() throws IOException {
    Blob blob = put("abc");
    assertThat(blob.id()).isEqualTo(ABC);
    assertThat(store.sha1(ABC)).isEqualTo(ABC_SHA1);
    assertThat(blob.size()).isEqualTo(3);
    assertThat(store.file(ABC)).hasBinaryContent("abc".getBytes(UTF_8));
  }

  @Test
  void aBlobIsFoundByEitherSumAlsoAfterARestart() throws IOException {
    Blob blob = store.put(stream("abc"), BlobExpectation.NONE.withSha1(ABC_SHA1));
    assertThat(store.find(ABC)).contains(blob);
    assertThat(store.findBySha1(ABC_SHA1)).contains(blob);
    reopen();
    assertThat(store.find(ABC)).contains(blob);
    assertThat(store.findBySha1(ABC_SHA1)).contains(blob);
    assertThat(store.file(ABC)).hasContent("abc");
  }

  @Test
  void aSha1IsKnownOnceSomebodyHasAskedForIt() throws IOException {
    Blob blob = put("abc");
    assertThat(store.findBySha1(ABC_SHA1)).isEmpty();
    assertThat(store.sha1(ABC)).isEqualTo(ABC_SHA1);
    assertThat(store.findBySha1(ABC_SHA1)).contains(blob);
    reopen();
    assertThat(store.sha1(ABC)).isEqualTo(ABC_SHA1);
    assertThatThrownBy(() -> store.sha1(new BlobId("0".repeat(64))))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void whatIsNotThereIsNotFound() throws IOException {
    put("something else");
    assertThat(store.find(ABC)).isEmpty();
    assertThat(store.findBySha1(ABC_SHA1)).isEmpty();
    assertThat(store.findBySha1("no sum at all")).isEmpty();
    assertThat(store.delete(ABC)).isFalse();
    assertThatThrownBy(() -> store.file(ABC))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(ABC.sha256().substring(2));
  }

  @Test
  void anEmptyFileIsABlobToo() throws IOException {
    Blob blob = put("");
    assertThat(blob.size()).isZero();
    assertThat(store.sha1(blob.id())).isEqualTo("da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assertThat(store.file(blob.id())).isEmptyFile();
  }

  @Test
  void theSameBytesAreStoredOnce() throws IOException {
    Blob first = put("abc");
    Blob second = put("abc");
    assertThat(second).isEqualTo(first);
    assertThat(all()).containsExactly(first);
  }

  @Test
  void bytesAsAnnouncedAreStored() throws IOException {
    BlobExpectation announced = BlobExpectation.NONE.withSize(3).withSha1(ABC_SHA1).withId(ABC);
    assertThat(store.put(stream("abc"), announced).id()).isEqualTo(ABC);
  }

  @Test
  void ofBytesThatDifferFromWhatWasAnnouncedNoneIsKept() throws IOException {
    List<BlobExpectation> wrong =
        List.of(
            BlobExpectation.NONE.withSize(2),
            BlobExpectation.NONE.withSize(4),
            BlobExpectation.NONE.withSize(0),
            BlobExpectation.NONE.withSha1(ABC_SHA1.replace('a', 'b')),
            BlobExpectation.NONE.withId(new BlobId("0".repeat(64))));
    for (BlobExpectation expected : wrong) {
      assertThatExceptionOfType(BlobMismatchException.class)
          .isThrownBy(() -> store.put(stream("abc"), expected))
          .withMessageContaining("announced");
    }
    assertThat(all()).isEmpty();
    reopen();
    assertThat(all()).isEmpty();
  }

  @Test
  void aStreamThatIsLongerThanAnnouncedIsNotReadToItsEnd() throws IOException {
    InputStream endless = Zeros.of(Long.MAX_VALUE);
    assertThatExceptionOfType(BlobMismatchException.class)
        .isThrownBy(() -> store.put(endless, BlobExpectation.NONE.withSize(1_000_000)));
    assertThat(all()).isEmpty();
  }

  @Test
  void aStreamThatBreaksLeavesNothing() throws IOException {
    InputStream broken = Zeros.breakingAfter(1_000_000);
    assertThatThrownBy(() -> store.put(broken, BlobExpectation.NONE))
        .isInstanceOf(IOException.class)
        .hasMessage("connection reset");
    assertThat(all()).isEmpty();
  }

  @Test
  void whatWasAnnouncedForABlobThatIsThereIsCheckedToo() throws IOException {
    put("abc");
    assertThatExceptionOfType(BlobMismatchException.class)
        .isThrownBy(() -> store.put(stream("abc"), BlobExpectation.NONE.withId(ABC).withSize(4)));
    InputStream unread = stream("abc");
    assertThat(store.put(unread, BlobExpectation.NONE.withId(ABC)).id()).isEqualTo(ABC);
    assertThat(unread.available()).as("a blob that is there is not read again").isEqualTo(3);
  }

  @Test
  void ofTwoContentsThatAreToHaveTheSameSha1OneIsRefused() throws IOException {
    BlobExpectation announced = BlobExpectation.NONE.withSha1(SHATTERED_SHA1);
    Blob first = store.put(shattered(SHATTERED_ONE), announced);
    assertThatExceptionOfType(BlobConflictException.class)
        .isThrownBy(() -> store.put(shattered(SHATTERED_TWO), announced))
        .withMessageContaining(SHATTERED_SHA1)
        .withMessageContaining(first.id().sha256());
    Path file = Files.write(work.resolve("two.pdf"), shattered(SHATTERED_TWO).readAllBytes());
    assertThatExceptionOfType(BlobConflictException.class).isThrownBy(() -> store.adopt(file));
    assertThat(file)
        .as("what was not taken in is left")
        .hasBinaryContent(shattered(SHATTERED_TWO).readAllBytes());
    assertThat(all()).containsExactly(first);
    assertThat(store.file(first.id())).hasBinaryContent(shattered(SHATTERED_ONE).readAllBytes());
    assertThat(store.delete(first.id())).isTrue();
    Blob second = store.put(shattered(SHATTERED_TWO), announced);
    assertThat(store.findBySha1(SHATTERED_SHA1)).contains(second);
  }

  @Test
  void contentsThatShareASha1AreKeptApartWhereNobodyMeantIt() throws IOException {
    Blob first = store.put(shattered(SHATTERED_ONE), BlobExpectation.NONE);
    Blob second = store.put(shattered(SHATTERED_TWO), BlobExpectation.NONE);
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(store.sha1(first.id())).isEqualTo(SHATTERED_SHA1);
    assertThat(store.sha1(second.id())).isEqualTo(SHATTERED_SHA1);
    assertThat(store.findBySha1(SHATTERED_SHA1)).contains(first);
    assertThat(store.file(second.id())).hasBinaryContent(shattered(SHATTERED_TWO).readAllBytes());
  }

  private static InputStream shattered(String end) {
    return new ByteArrayInputStream(HexFormat.of().parseHex(SHATTERED_START + end));
  }

  @Test
  void aFinishedFileIsMovedIn() throws IOException {
    Path file = Files.writeString(work.resolve("frame.exr"), "abc");
    Blob blob = store.adopt(file);
    assertThat(blob.id()).isEqualTo(ABC);
    assertThat(file).doesNotExist();
    assertThat(store.file(ABC)).hasContent("abc");
    reopen();
    assertThat(store.find(ABC)).contains(blob);
    assertThat(store.findBySha1(ABC_SHA1)).contains(blob);
  }

  @Test
  void aFileWhoseSumIsKnownIsMovedInUnread() throws IOException {
    Path file = Files.writeString(work.resolve("delivered.exr"), "abc");
    Blob blob = store.adopt(file, ABC);
    assertThat(blob.id()).isEqualTo(ABC);
    assertThat(blob.size()).isEqualTo(3);
    assertThat(file).doesNotExist();
    assertThat(store.file(ABC)).hasContent("abc");
  }

  @Test
  void aFinishedFileWhoseBytesAreThereIsTakenToo() throws IOException {
    Blob blob = put("abc");
    Path file = Files.writeString(work.resolve("again.exr"), "abc");
    assertThat(store.adopt(file)).isEqualTo(blob);
    assertThat(file).doesNotExist();
    assertThat(all()).containsExactly(blob);
  }

  @Test
  void adoptingWhatIsNotThereFails() {
    assertThatThrownBy(() -> store.adopt(work.resolve("missing.exr")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.exr");
  }

  @Test
  void aDeletedBlobIsGoneAndCanComeBack() throws IOException {
    put("abc");
    assertThat(store.delete(ABC)).isTrue();
    assertThat(store.find(ABC)).isEmpty();
    assertThatThrownBy(() -> store.file(ABC)).isInstanceOf(NoSuchFileException.class);
    reopen();
    assertThat(store.find(ABC)).isEmpty();
    assertThat(put("abc").id()).isEqualTo(ABC);
    assertThat(store.file(ABC)).hasContent("abc");
  }

  @Test
  void whoReadsABlobWhileItIsDeletedReadsOn() throws IOException {
    put("abc");
    try (InputStream reader = Files.newInputStream(store.file(ABC))) {
      store.delete(ABC);
      assertThat(reader.readAllBytes()).isEqualTo("abc".getBytes(UTF_8));
    }
  }

  @Test
  void missingOnesAreNamed() throws IOException {
    put("abc");
    BlobId other = new BlobId("0".repeat(64));
    assertThat(store.missing(List.of(ABC, other))).containsExactly(other);
    assertThat(store.missing(List.of())).isEmpty();
  }

  @Test
  void allBlobsAreShownInTheOrderOfTheirIds() throws Exception {
    // More than a store is likely to read in one go.
    List<Blob> stored = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Stream<Callable<Blob>> puts = IntStream.range(0, 1_200).mapToObj(i -> () -> put("blob " + i));
      for (Future<Blob> future : threads.invokeAll(puts.toList())) {
        stored.add(future.get());
      }
    }
    stored.sort((a, b) -> a.id().compareTo(b.id()));
    assertThat(all()).isEqualTo(stored);
  }

  @Test
  void blobsMayBeDeletedWhileTheyAreShown() throws IOException {
    for (int i = 0; i < 20; i++) {
      put("blob " + i);
    }
    List<BlobId> deleted = new ArrayList<>();
    store.forEach(blob -> {
      try {
        store.delete(blob.id());
        deleted.add(blob.id());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    assertThat(deleted).hasSize(20);
    assertThat(all()).isEmpty();
  }

  @Test
  void manySmallBlobsAreStoredTogether() throws Exception {
    put("abc");
    int blobs = 3_000;
    try (BlobBatch batch = store.batch()) {
      for (int i = 0; i < blobs; i++) {
        batch.add(UploadsTest.idOf(small(i)), small(i));
      }
      batch.add(ABC, "abc".getBytes(UTF_8));
      batch.add(UploadsTest.idOf(small(0)), small(0));
      assertThat(store.find(UploadsTest.idOf(small(0)))).as("before they are durable").isEmpty();
      assertThat(batch.store()).isEqualTo(blobs + 2);
    }
    reopen();
    assertThat(all()).hasSize(blobs + 1);
    for (int i = 0; i < blobs; i++) {
      BlobId id = UploadsTest.idOf(small(i));
      assertThat(store.file(id)).hasBinaryContent(small(i));
      assertThat(store.find(id).map(Blob::size)).contains((long) small(i).length);
    }
  }

  @Test
  void aWrongBlobOfABatchIsRefusedAndThoseBeforeItStand() throws Exception {
    try (BlobBatch batch = store.batch()) {
      batch.add(ABC, "abc".getBytes(UTF_8));
      assertThatExceptionOfType(BlobMismatchException.class)
          .isThrownBy(() -> batch.add(UploadsTest.idOf(small(1)), small(2)));
      assertThat(batch.store()).isEqualTo(1);
    }
    assertThat(all()).extracting(Blob::id).containsExactly(ABC);
  }

  @Test
  void aBatchThatIsGivenUpLeavesNothing() throws Exception {
    try (BlobBatch batch = store.batch()) {
      batch.add(ABC, "abc".getBytes(UTF_8));
    }
    assertThat(all()).isEmpty();
  }

  @Test
  void aBlobGoesUnlessSomebodyAskedForItSince() throws Exception {
    Blob adopted = store.adopt(Files.writeString(work.resolve("result"), "a result"));
    Instant before = Instant.now().minus(Duration.ofHours(1));
    put("abc");
    assertThat(store.deleteUnlessAsked(ABC, BlobStore.NEVER)).isFalse();
    assertThat(store.deleteUnlessAsked(ABC, before)).isFalse();
    assertThat(store.missing(List.of(adopted.id()))).isEmpty();
    assertThat(store.deleteUnlessAsked(adopted.id(), BlobStore.NEVER)).as("asked for").isFalse();
    reopen();
    assertThat(store.deleteUnlessAsked(ABC, before)).as("after a restart").isFalse();
    assertThat(store.deleteUnlessAsked(ABC, Instant.now().plusSeconds(60))).isTrue();
    assertThat(store.deleteUnlessAsked(ABC, Instant.now().plusSeconds(60))).isFalse();
    assertThat(store.find(ABC)).isEmpty();
    assertThatThrownBy(() -> store.file(ABC)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aResultThatNobodyAskedForGoesAtOnceUnlessItCameTwice() throws Exception {
    Blob once = store.adopt(Files.writeString(work.resolve("once"), "once"));
    Blob twice = store.adopt(Files.writeString(work.resolve("twice"), "twice"));
    store.adopt(Files.writeString(work.resolve("twice again"), "twice"));
    assertThat(store.deleteUnlessAsked(once.id(), BlobStore.NEVER)).isTrue();
    assertThat(store.deleteUnlessAsked(twice.id(), BlobStore.NEVER))
        .as("whoever brought it the second time counts on it")
        .isFalse();
  }

  @Test
  void whatNobodyAskedForLongestIsShownFirst() throws Exception {
    List<Blob> stored = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      stored.add(put("blob " + i));
    }
    assertThat(store.missing(List.of(stored.getFirst().id()))).isEmpty();
    Blob result = store.adopt(Files.writeString(work.resolve("result"), "a result"));
    List<Blob> shown = new ArrayList<>();
    store.forEachUnasked(Instant.now().plusSeconds(60), shown::add);
    assertThat(shown).hasSize(1_201).containsAll(stored);
    assertThat(shown.getFirst()).isEqualTo(result);
    assertThat(shown.getLast()).isEqualTo(stored.getFirst());
    shown.clear();
    store.forEachUnasked(stored.getFirst().created().minusSeconds(1), shown::add);
    assertThat(shown).as("what is younger than that").isEmpty();
  }

  private static byte[] small(int i) {
    return UploadsTest.noise(i, 100 + i % 5_000);
  }

  @Test
  void manyMayBringTheSameAndDifferentBytesAtOnce() throws Exception {
    byte[] large = new byte[700_000];
    new Random(1).nextBytes(large);
    Stream<Callable<Blob>> same =
        IntStream.range(0, 20)
            .mapToObj(_ -> () -> store.put(new ByteArrayInputStream(large), BlobExpectation.NONE));
    Stream<Callable<Blob>> different =
        IntStream.range(0, 20).mapToObj(i -> () -> put("different " + i));
    List<Blob> blobs = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Blob> future : threads.invokeAll(Stream.concat(same, different).toList())) {
        blobs.add(future.get());
      }
    }
    assertThat(blobs.subList(0, 20)).containsOnly(blobs.getFirst());
    assertThat(all()).hasSize(21);
    assertThat(store.file(blobs.getFirst().id())).hasBinaryContent(large);
    for (int i = 0; i < 20; i++) {
      assertThat(store.file(blobs.get(20 + i).id())).hasContent("different " + i);
    }
  }

  @Test
  void anExpectationThatNothingCouldMeetIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> BlobExpectation.NONE.withSize(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BlobExpectation.NONE.withSha1(ABC_SHA1.toUpperCase(Locale.ROOT)));
  }

  @Test
  void aClosedStoreStoresNothing() throws IOException {
    store.close();
    store.close();
    assertThatThrownBy(() -> put("abc"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
    store = open();
    assertThat(all()).isEmpty();
  }

  private Blob put(String text) throws IOException {
    return store.put(stream(text), BlobExpectation.NONE);
  }

  private List<Blob> all() throws IOException {
    List<Blob> all = new ArrayList<>();
    store.forEach(all::add);
    return all;
  }

  private void reopen() throws IOException {
    store.close();
    store = open();
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }
}
