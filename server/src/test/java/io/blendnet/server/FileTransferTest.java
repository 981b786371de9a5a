package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.FileChangedException;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.SentFiles;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TransferProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many files and large ones, there and back, by our client and a real store. */
class FileTransferTest {
  private static final int LARGE = 30_000_000;

  @TempDir private Path folder;
  private TestingBlobs blobs;
  private TestingServer server;
  private ManagerClient client;

  @BeforeEach
  void start() throws IOException {
    blobs = new TestingBlobs(folder.resolve("blobs"));
    server = new TestingServer(folder, new BlobEndpoints(blobs));
    client = server.client();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
    blobs.close();
  }

  private OfferedFile file(String name, int size) throws IOException {
    byte[] content = new byte[size];
    new Random(name.hashCode() + size).nextBytes(content);
    return OfferedFile.read(Files.write(folder.resolve(name), content));
  }

  private List<OfferedFile> project() throws IOException {
    List<OfferedFile> files = new ArrayList<>();
    for (int number = 0; number < 3_000; number++) {
      files.add(file("small-" + number, number));
    }
    files.add(file("empty twin", 0));
    files.add(file("large", LARGE));
    files.add(file("second", 1 << 20));
    files.add(file("just below", (1 << 20) - 1));
    return files;
  }

  private void assertThere(List<OfferedFile> files) throws IOException {
    for (OfferedFile file : files) {
      assertThat(blobs.store.file(file.blob())).hasSameBinaryContentAs(file.file());
    }
  }

  /** A client whose first connections break, each after so many bytes. */
  private ManagerClient over(TestingProxy proxy) {
    return new ManagerClient(
        server
            .options(new ServerAddress("localhost", proxy.port()))
            .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10)));
  }

  @Test
  void aProjectIsSentOnceAndItsSecondSubmissionSendsNothing() throws Exception {
    List<OfferedFile> files = project();
    long total = files.stream().mapToLong(OfferedFile::size).sum();
    var progress = new AtomicLong();

    SentFiles sent =
        client.sendFiles(
            files,
            (there, of) -> {
              assertThat(of).isEqualTo(total);
              progress.accumulateAndGet(there, Math::max);
            });
    SentFiles again = client.sendFiles(files, TransferProgress.NONE);

    assertThere(files);
    assertThat(sent.files()).as("two empty files are one content").isEqualTo(files.size() - 1);
    assertThat(progress).hasValue(total);
    assertThat(again).isEqualTo(new SentFiles(0, 0, files.size() - 1, total));
  }

  @Test
  void whatABrokenConnectionHasBroughtIsNotSentAgain() throws Exception {
    OfferedFile file = file("large", LARGE);
    int breaks = 8;
    try (var proxy = new TestingProxy(server.server.port(), breaks, 3_000_000);
        var broken = over(proxy)) {
      broken.sendFiles(List.of(file), TransferProgress.NONE);

      assertThere(List.of(file));
      // All that reached the server before is kept: 24 MB of the 30.
      assertThat(proxy.sent()).isBetween((long) LARGE, LARGE + 3_000_000L);
    }
  }

  @Test
  void packsGoOnWhereTheirConnectionBroke() throws Exception {
    List<OfferedFile> files = new ArrayList<>();
    for (int number = 0; number < 100; number++) {
      files.add(file("texture-" + number, 200_000));
    }
    try (var proxy = new TestingProxy(server.server.port(), 6, 1_000_000);
        var broken = over(proxy)) {
      SentFiles sent = broken.sendFiles(files, TransferProgress.NONE);

      assertThere(files);
      assertThat(sent.files()).isEqualTo(100);
    }
  }

  @Test
  void anotherRunGoesOnWhereTheFirstWasCutShort() throws Exception {
    OfferedFile file = file("large", LARGE);
    try (var proxy = new TestingProxy(server.server.port(), 1_000, 10_000_000);
        var broken =
            new ManagerClient(
                server.options(new ServerAddress("localhost", proxy.port())).withAttempts(1))) {
      assertThatThrownBy(() -> broken.sendFiles(List.of(file), TransferProgress.NONE))
          .isInstanceOf(FarmException.NotReachable.class);
    }

    SentFiles sent = client.sendFiles(List.of(file), TransferProgress.NONE);

    assertThere(List.of(file));
    // 10 MB reached the server, and what goes with them for TLS and HTTP.
    assertThat(sent.bytes()).isLessThan(LARGE - 9_000_000);
  }

  @Test
  void aFileThatChangesWhileItIsSentIsNamed() throws Exception {
    OfferedFile small = file("small", 1_000);
    Files.write(small.file(), new byte[1_000]);
    OfferedFile large = file("large", LARGE);
    Files.write(large.file(), new byte[LARGE]);
    OfferedFile shorter = file("shorter", LARGE);
    Files.write(shorter.file(), new byte[10]);
    OfferedFile good = file("good", 500);

    for (OfferedFile changed : List.of(small, large, shorter)) {
      assertThatThrownBy(() -> client.sendFiles(List.of(changed, good), TransferProgress.NONE))
          .isInstanceOfSatisfying(
              FileChangedException.class,
              failure -> assertThat(failure.file()).isEqualTo(changed.file()));
      assertThat(blobs.store.find(changed.blob())).isEmpty();
    }
  }

  @Test
  void twoSendersOfTheSameFileBothFindItThere() throws Exception {
    OfferedFile file = file("large", LARGE);
    try (var other = server.client()) {
      var first = new FutureTask<>(() -> client.sendFiles(List.of(file), TransferProgress.NONE));
      Thread.startVirtualThread(first);

      other.sendFiles(List.of(file), TransferProgress.NONE);
      first.get();
    }

    assertThere(List.of(file));
  }

  private ResultFile result(String name, int size) throws IOException {
    Path file = file(name, size).file();
    return ResultFile.withSha1(file, size, FileChecksum.SHA_1.of(file), "image/x-exr");
  }

  @Test
  void aLargeResultComesInRangesOverBrokenConnections() throws Exception {
    var task = new TaskName("shot");
    ResultFile result = result("frame", 60_000_000);
    server.tasks.putResult(task, ResultKind.RENDER, result);
    Path target = folder.resolve("shot.exr");
    try (var proxy = new TestingProxy(server.server.port(), 6, Long.MAX_VALUE, 3_000_000);
        var broken = over(proxy)) {
      broken.download(task, ResultKind.RENDER, target, TransferProgress.NONE);
    }

    assertThat(target).hasSameBinaryContentAs(result.file());
    assertThat(folder.resolve("shot.exr.part")).doesNotExist();
  }

  /** Fetches until so much is there, and ends as a program that is told to. */
  private void fetchUntil(long bytes, TaskName task, Path target) throws Exception {
    var isEnough = new CountDownLatch(1);
    FutureTask<Boolean> fetching;
    try (var hasty = new ManagerClient(server.options().withAttempts(1))) {
      fetching =
          new FutureTask<>(() -> {
            hasty.download(
                task,
                ResultKind.RENDER,
                target,
                (there, _) -> {
                  if (there >= bytes) {
                    isEnough.countDown();
                    beSlow();
                  }
                });
            return true;
          });
      Thread.startVirtualThread(fetching);
      isEnough.await();
    }
    assertThatThrownBy(fetching::get).hasCauseInstanceOf(FarmException.NotReachable.class);
    assertThat(target).doesNotExist();
  }

  /** The rest would take a minute. */
  private static void beSlow() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aResultThatBecameAnotherIsFetchedFromItsBeginning() throws Exception {
    var task = new TaskName("shot");
    server.tasks.putResult(task, ResultKind.RENDER, result("old", 60_000_000));
    Path target = folder.resolve("shot.exr");
    fetchUntil(20_000_000, task, target);
    ResultFile fresh = result("new", 50_000_000);
    server.tasks.putResult(task, ResultKind.RENDER, fresh);

    client.download(task, ResultKind.RENDER, target, TransferProgress.NONE);

    assertThat(target).hasSameBinaryContentAs(fresh.file());
  }

  @Test
  void aResultOfTheSameContentIsGoneOnWith() throws Exception {
    var task = new TaskName("shot");
    ResultFile result = result("frame", 60_000_000);
    server.tasks.putResult(task, ResultKind.RENDER, result);
    Path target = folder.resolve("shot.exr");
    fetchUntil(20_000_000, task, target);
    var first = new AtomicLong();

    client.download(task, ResultKind.RENDER, target, (there, _) -> first.compareAndSet(0, there));

    assertThat(first).hasValueGreaterThan(15_000_000);
    assertThat(target).hasSameBinaryContentAs(result.file());
  }
}
