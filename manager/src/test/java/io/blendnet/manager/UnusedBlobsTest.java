package io.blendnet.manager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.FarmRules;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.storage.Checksums;
import io.blendnet.storage.FileBlobStore;
import io.blendnet.storage.SqliteFarmStore;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.StoreChange;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files go when, by a clock that the test turns. */
class UnusedBlobsTest {
  private static final TaskName TASK = new TaskName("still 1");
  private static final Duration KEEP = Duration.ofHours(24);
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir private Path folder;

  private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private SqliteFarmStore store;
  private FarmLoop loop;
  private BlobStore blobs;
  private UnusedBlobs unused;
  private UserBlobs user;

  @BeforeEach
  void open() throws IOException {
    store = SqliteFarmStore.open(folder);
    loop = FarmLoop.start(store, new IdleActions(), FarmRules.DEFAULT, () -> now, System::nanoTime);
    openBlobs(Long.MAX_VALUE);
  }

  private void openBlobs(long limit) throws IOException {
    blobs = FileBlobStore.open(folder.resolve("blobs"), limit, () -> now);
    unused = new UnusedBlobs(loop, store, blobs, KEEP, () -> now);
    user = new UserBlobs(blobs, unused);
  }

  @AfterEach
  void close() throws IOException {
    loop.close();
    blobs.close();
    store.close();
  }

  @Test
  void aFileThatNoTaskUsesGoesAfterAWhileAndOneInUseNever() throws Exception {
    BlobId inUse = receive("in use");
    BlobId free = receive("unused");
    attach(TASK, inUse);

    pass(KEEP.minusSeconds(1));
    unused.collect();
    assertThat(blobs.find(free)).isPresent();
    pass(Duration.ofSeconds(1));
    unused.collect();

    assertThat(blobs.find(free)).isEmpty();
    assertThat(blobs.find(inUse)).isPresent();
    pass(KEEP.multipliedBy(100));
    unused.collect();
    assertThat(blobs.find(inUse)).isPresent();
  }

  @Test
  void whoeverIsToldThatAFileIsHereHasTimeToReferToIt() throws Exception {
    BlobId offered = receive("offered again");
    pass(KEEP.minusSeconds(1));
    assertThat(missing(offered)).isEmpty();

    pass(KEEP.minusSeconds(1));
    unused.collect();

    attach(TASK, offered);
    assertThat(blobs.file(offered)).hasContent("offered again");
  }

  @Test
  void theFilesOfARemovedTaskStayForAWhileAndItsResultsGoAtOnce() throws Exception {
    BlobId file = receive("a file");
    BlobId result = blobs.adopt(Files.writeString(folder.resolve("result"), "a result")).id();
    attach(TASK, file);
    attach(TASK, result);
    pass(KEEP.multipliedBy(2));
    var deliveries =
        new Deliveries(
            folder.resolve("incoming"), blobs, store, new Frames(folder.resolve("frames"), blobs));

    loop.apply(turn -> {
      turn.remove(turn.row(TASK).orElseThrow());
      deliveries.discard(turn, List.of(file, result));
    });
    unused.collect();

    assertThat(blobs.find(result)).isEmpty();
    assertThat(blobs.find(file)).as("until now it was in use").isPresent();
    pass(KEEP);
    unused.collect();
    assertThat(blobs.find(file)).isEmpty();
  }

  @Test
  void aResultThatIsAboutToBeBookedStays() throws Exception {
    BlobId result = blobs.adopt(Files.writeString(folder.resolve("result"), "a result")).id();
    pass(HOUR);
    unused.collect();
    assertThat(blobs.find(result)).isPresent();
    pass(KEEP);
    unused.collect();
    assertThat(blobs.find(result)).as("nobody came to book it").isEmpty();
  }

  @Test
  void anUploadThatNobodyGoesOnWithGoes() throws Exception {
    byte[] bytes = new byte[100_000];
    BlobId id = idOf(bytes);
    assertThatThrownBy(
            () -> user.receive(BlobPart.whole(id, 200_000), new ByteArrayInputStream(bytes)))
        .isInstanceOf(IOException.class);
    var half = new ByteArrayInputStream(bytes, 0, 50_000);
    assertThatThrownBy(() -> user.receive(BlobPart.whole(id, 100_000), new Broken(half)))
        .hasMessage("connection reset");
    assertThat(blobs.received(id, 100_000)).isEqualTo(50_000);
    pass(KEEP.minusSeconds(1));
    unused.collect();
    assertThat(blobs.received(id, 100_000)).isEqualTo(50_000);
    pass(KEEP);
    unused.collect();
    assertThat(blobs.received(id, 100_000)).isZero();
  }

  @Test
  void beyondTheLimitUnusedFilesMakeRoomTheOldestFirst() throws Exception {
    blobs.close();
    openBlobs(1_000);
    BlobId inUse = receive("u".repeat(300));
    attach(TASK, inUse);
    BlobId oldest = receive("o".repeat(300));
    pass(Duration.ofMinutes(1));
    BlobId older = receive("p".repeat(300));
    pass(HOUR);

    BlobId fits = receive("q".repeat(400));

    assertThat(blobs.find(oldest)).isEmpty();
    assertThat(blobs.find(older)).isPresent();
    assertThat(blobs.find(inUse)).isPresent();
    assertThatThrownBy(() -> receive("r".repeat(301)))
        .as("what was asked for within the hour stays")
        .isInstanceOf(StorageFullException.class);
    assertThat(blobs.find(fits)).isPresent();
    assertThat(blobs.bytes()).isEqualTo(700);
  }

  @Test
  void noFileGoesBetweenTheWordThatItIsHereAndItsUse() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 200; round++) {
        BlobId blob = receive("round " + round);
        TaskName task = new TaskName("task " + round);
        pass(KEEP);
        Future<?> collecting = threads.submit(unused::collect);
        boolean told = missing(blob).isEmpty();
        if (told) {
          attach(task, blob);
        }
        collecting.get();
        assertThat(blobs.find(blob).isPresent()).as("round %d", round).isEqualTo(told);
      }
    }
  }

  private BlobId receive(String content) throws IOException {
    byte[] bytes = content.getBytes(UTF_8);
    BlobId id = idOf(bytes);
    return user.receive(BlobPart.whole(id, bytes.length), new ByteArrayInputStream(bytes)).id();
  }

  private List<MissingBlob> missing(BlobId blob) throws IOException {
    return user.missing(List.of(new BlobOffer(blob.sha256(), 1)));
  }

  private void attach(TaskName task, BlobId blob) throws IOException {
    loop.apply(turn -> {
      if (turn.row(task).isEmpty()) {
        turn.create(task);
      }
      turn.change(new StoreChange.PutFile(new FileRow(task, blob.sha256(), blob)));
    });
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private BlobId idOf(byte[] bytes) throws IOException {
    return Checksums.of(Files.write(folder.resolve("summed"), bytes)).id();
  }

  /** A connection that breaks after some bytes. */
  private static final class Broken extends FilterInputStream {
    Broken(InputStream bytes) {
      super(bytes);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      if (count < 0) {
        throw new IOException("connection reset");
      }
      return count;
    }
  }
}
