package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.BlobsMissing;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import io.blendnet.security.FarmAuthority;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients against a real server, and against what can go wrong on the way. */
class FarmClientTest {
  private static final Duration SHORT = Duration.ofMillis(400);

  @TempDir static Path folder;
  private static TestingServer server;
  private static TestingWork work;
  private static TestingBlobs blobs;
  private static ManagerClient manager;
  private static AgentClient agent;

  @BeforeAll
  static void start() throws IOException {
    work = new TestingWork();
    blobs = new TestingBlobs(folder.resolve("blobs"));
    server =
        new TestingServer(
            folder, List.of("localhost"), Duration.ofMillis(200), work, new BlobEndpoints(blobs));
    manager = server.client();
    agent = new AgentClient(server.options(), new ManagerIdentity("farm", 1, "start"));
  }

  @AfterAll
  static void stop() throws IOException {
    manager.close();
    agent.close();
    server.close();
    blobs.close();
  }

  @Test
  void aTaskGoesItsWholeWay() throws Exception {
    var task = new TaskName("whole way");
    Path file = randomFile("blend", 300_000);
    var progress = new AtomicLong();

    manager.putFile(
        task,
        "sub dir/é \"q\".blend",
        file,
        (bytes, total) -> {
          assertThat(total).isEqualTo(300_000);
          progress.set(bytes);
        });

    assertThat(progress).hasValue(300_000);
    assertThat(server.tasks.attached(task))
        .isEqualTo(Map.of("sub dir/é \"q\".blend", FileChecksum.SHA_256.of(file)));
    assertThat(manager.configure(task, TaskConfig.of("a.blend", 7))).isEmpty();
    manager.run(task);
    assertThat(manager.task(task).state()).isEqualTo(TaskState.PENDING);
    assertThat(manager.tasks()).containsKey("whole way");
    assertThat(manager.status(task).task().name()).isEqualTo("whole way");
    assertThat(manager.messages(task)).containsEntry("one", List.of("Fra:1"));
    assertThat(manager.details(task).path("one").get(0).path("render").doubleValue())
        .isEqualTo(1.5);
    manager.prioritize(task, new TaskPriority(-7));
    manager.pause(task);
    assertThat(manager.task(task).priority()).isEqualTo(-7);
    assertThat(manager.task(task).paused()).isTrue();
    manager.resume(task);
    assertThat(manager.task(task).paused()).isFalse();
    manager.stop(task);
    manager.remove(task);
    assertThat(manager.tasks()).doesNotContainKey("whole way");
    assertThat(manager.info().engine()).isEqualTo("Manager");
    assertThat(manager.status().running()).containsExactly("shot 7");
    assertThat(manager.log()).isEmpty();
  }

  @Test
  void aResultIsDownloadedVerifiedAndRenamed() throws Exception {
    var task = new TaskName("download");
    Path file = result(task, 3_000_000);
    Path target = folder.resolve("picture.png");
    Files.writeString(target, "an older one");
    var progress = new AtomicLong();

    manager.download(task, ResultKind.COMPOSE, target, (bytes, _) -> progress.set(bytes));

    assertThat(target).hasSameBinaryContentAs(file);
    assertThat(progress).hasValue(3_000_000);
    assertThat(folder.resolve("picture.png.part")).doesNotExist();
  }

  @Test
  void anEmptyResultIsDownloaded() throws Exception {
    var task = new TaskName("nothing");
    result(task, 0);
    Path target = folder.resolve("nothing.png");

    manager.download(task, ResultKind.COMPOSE, target, TransferProgress.NONE);

    assertThat(target).isEmptyFile();
  }

  @Test
  void aDownloadThatIsNotWhatItSaysLeavesNothing() throws Exception {
    var task = new TaskName("false");
    Path file = randomFile("false", 1000);
    server.tasks.putResult(
        task, ResultKind.COMPOSE, ResultFile.withSha1(file, 1000, "0".repeat(40), "image/png"));
    Path target = folder.resolve("false.png");

    assertThatThrownBy(
            () -> manager.download(task, ResultKind.COMPOSE, target, TransferProgress.NONE))
        .isInstanceOf(FarmException.BrokenAnswer.class)
        .hasMessageContaining(server.address().toString())
        .hasMessageContaining("another checksum");
    assertThat(target).doesNotExist();
    assertThat(folder.resolve("false.png.part")).doesNotExist();
  }

  @Test
  void aDownloadThatCannotBeWrittenNamesTheFile() throws Exception {
    var task = new TaskName("unwritable");
    result(task, 1000);
    Path target = folder.resolve("no such folder/a.png");

    assertThatThrownBy(
            () -> manager.download(task, ResultKind.COMPOSE, target, TransferProgress.NONE))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no such folder");
  }

  @Test
  void aFileThatIsNotThereIsNotTheServersFault() {
    assertThatThrownBy(() ->
            manager.putFile(
                new TaskName("x"), "a", folder.resolve("absent"), TransferProgress.NONE))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aRefusalCarriesStatusCodeAndTheServersWords() {
    assertThatThrownBy(() -> manager.task(new TaskName("nobody")))
        .isInstanceOfSatisfying(
            FarmException.Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(404);
              assertThat(refused.is(ErrorCode.TASK_NOT_FOUND)).isTrue();
              assertThat(refused).hasMessage("There is no task 'nobody'");
            });
  }

  @Test
  void anAgentIsAskedSentFetchedAndCancelled() throws Exception {
    Path file = randomFile("blob", 100_000);
    var blob = new BlobId(FileChecksum.SHA_256.of(file));

    assertThatThrownBy(() -> agent.putLease(order(blob)))
        .isInstanceOfSatisfying(
            FarmException.Refused.class,
            refused -> {
              assertThat(refused.is(ErrorCode.BLOBS_MISSING)).isTrue();
              assertThat(refused.data(BlobsMissing.class).orElseThrow().missing())
                  .containsExactly(new MissingBlob(blob.sha256(), 0));
            });
    agent.sendFiles(List.of(OfferedFile.read(file)), TransferProgress.NONE);
    assertThat(blobs.store.file(blob)).hasSameBinaryContentAs(file);
    work.blobs.add(blob.sha256());
    agent.putLease(order(blob));
    assertThat(work.leases).containsExactly(order(blob));
    agent.cancelLease(new LeaseId(5), 2);
    assertThat(work.cancelled).containsExactly("5/2");
  }

  @Test
  void reportsAreWaitedFor() throws Exception {
    var report = new WorkReport.Messages("t", 1, 1, List.of("line"));
    var poll = new FutureTask<>(() -> agent.reports(41, Duration.ofSeconds(30)));
    Thread.startVirtualThread(poll);
    work.pollBegan.await();

    work.reports.add(report);

    assertThat(poll.get().reports()).containsExactly(report);
    assertThat(poll.get().last()).isEqualTo(42);
    assertThat(agent.reports(42, Duration.ZERO).reports()).isEmpty();
  }

  @Test
  void aDeliveryIsFetchedVerifiedAndGivenUp() throws Exception {
    Path file = randomFile("delivery", 500_000);
    work.deliveries.put("d 1", ResultFile.withSha1(file, 500_000, "0".repeat(40), "image/x-exr"));
    var info = new WorkReport.DeliveryInfo("d 1", 500_000, FileChecksum.SHA_256.of(file));
    var wrongSum = new WorkReport.DeliveryInfo("d 1", 500_000, "0".repeat(64));
    var wrongSize = new WorkReport.DeliveryInfo("d 1", 400_000, FileChecksum.SHA_256.of(file));
    Path target = folder.resolve("delivery.exr");

    for (var wrong : List.of(wrongSum, wrongSize)) {
      assertThatThrownBy(() -> agent.fetchDelivery(wrong, target, TransferProgress.NONE))
          .isInstanceOf(FarmException.BrokenAnswer.class);
      assertThat(target).doesNotExist();
    }
    agent.fetchDelivery(info, target, TransferProgress.NONE);
    assertThat(target).hasSameBinaryContentAs(file);
    agent.deleteDelivery("d 1");
    agent.deleteDelivery("d 1");
    assertThat(work.deliveries).isEmpty();
  }

  @Test
  void aServerThatIsNotReadyIsAskedAgain() throws Exception {
    work.unavailable.set(2);

    assertThat(manager.resources().manager().name()).isEqualTo("m");
  }

  @Test
  void nobodyListening() throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }

    try (var client = client(new ServerAddress("localhost", port))) {
      assertThatThrownBy(client::info)
          .isInstanceOf(FarmException.NotReachable.class)
          .hasMessageContaining("https://localhost:" + port)
          .hasMessageContaining("Is the server running?");
    }
  }

  @Test
  void aHostThatNobodyKnows() {
    try (var client = client(new ServerAddress("no-such-host.invalid", 1))) {
      assertThatThrownBy(client::info)
          .isInstanceOf(FarmException.NotReachable.class)
          .hasMessageContaining("no-such-host.invalid");
    }
  }

  @Test
  void aWrongPassword() {
    var options = server.options();
    var wrong = ClientOptions.of(options.server(), options.tls(), "user", () -> "wrong");

    try (var client = new ManagerClient(wrong)) {
      assertThatThrownBy(client::info)
          .isInstanceOf(FarmException.SignInRefused.class)
          .hasMessageContaining(server.address().toString())
          .hasMessageContaining("password");
    }
  }

  @Test
  void aWrongPasswordWithALargeFile() throws Exception {
    var options = server.options();
    var wrong = ClientOptions.of(options.server(), options.tls(), "user", () -> "wrong");
    Path file = randomFile("strange", 40_000_000);

    try (var client = new ManagerClient(wrong)) {
      assertThatThrownBy(() -> client.putFile(new TaskName("a"), "a", file, TransferProgress.NONE))
          .isInstanceOf(FarmException.SignInRefused.class);
    }
  }

  @Test
  void anotherAuthority() throws Exception {
    var other = FarmAuthority.openOrCreate(folder.resolve("other ca"));
    var options =
        ClientOptions.of(
            server.address(), other.trusted().clientContext(), "user", () -> "never sent");

    try (var client = new ManagerClient(options)) {
      assertThatThrownBy(client::info)
          .isInstanceOf(FarmException.UntrustedServer.class)
          .hasMessageContaining("ca.crt");
    }
  }

  @Test
  void anotherName() throws Exception {
    try (var other =
            new TestingServer(
                Files.createDirectory(folder.resolve("other name")),
                List.of("farm.example"),
                Duration.ofSeconds(1));
        var client = other.client()) {
      assertThatThrownBy(client::info)
          .isInstanceOf(FarmException.UntrustedServer.class)
          .hasMessageContaining("'localhost'");
    }
  }

  @Test
  void aServerThatDoesNotSpeakHttps() throws Exception {
    try (var plain = new ServerSocket(0);
        var client =
            new ManagerClient(
                server
                    .options(new ServerAddress("localhost", plain.getLocalPort()))
                    .withAttempts(1))) {
      Thread.startVirtualThread(() -> {
        try (var socket = plain.accept()) {
          socket
              .getOutputStream()
              .write("HTTP/1.1 400 Bad\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          socket.getInputStream().read();
        } catch (IOException e) {
          // The client left, which is what it should do.
        }
      });

      assertThatThrownBy(client::info)
          .isInstanceOf(FarmException.BrokenAnswer.class)
          .hasMessageContaining("HTTPS");
    }
  }

  @Test
  void aServerThatSaysNothing() throws Exception {
    // Connections wait in the backlog and are never answered.
    try (var silent = new ServerSocket(0);
        var client =
            new ManagerClient(
                server
                    .options(new ServerAddress("localhost", silent.getLocalPort()))
                    .withTimeouts(Duration.ofSeconds(5), SHORT)
                    .withAttempts(1))) {
      assertThatThrownBy(client::info)
          .isInstanceOf(FarmException.NotReachable.class)
          .hasMessageContaining("does not answer");
    }
  }

  @Test
  void aConnectionThatBreaksIsMadeAgain() throws Exception {
    Path file = randomFile("broken", 4_000_000);
    try (var proxy = new TestingProxy(server.server.port(), 2, 1_000_000);
        var client = client(new ServerAddress("localhost", proxy.port()))) {
      client.putFile(new TaskName("broken line"), "a", file, TransferProgress.NONE);

      assertThat(blobs.store.file(new BlobId(FileChecksum.SHA_256.of(file))))
          .hasSameBinaryContentAs(file);
    }
  }

  @Test
  void attemptsAreLimited() throws Exception {
    try (var proxy = new TestingProxy(server.server.port(), 100, 0);
        var client =
            new ManagerClient(
                server.options(new ServerAddress("localhost", proxy.port())).withAttempts(2))) {
      assertThatThrownBy(client::info).isInstanceOf(FarmException.NotReachable.class);
      // The JDK's client tries once more by itself when a new connection breaks.
      assertThat(proxy.connections()).isBetween(2, 4);
    }
  }

  @Test
  void anInterruptEndsACall() throws Exception {
    var call = new FutureTask<>(() -> agent.reports(0, Duration.ofSeconds(60)));
    Thread thread = Thread.startVirtualThread(call);
    work.pollBegan.await();

    thread.interrupt();

    assertThatThrownBy(call::get).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void agentsAreAddedByTheirNames() {
    // This server has no such endpoint; what matters is what was asked.
    assertThatThrownBy(() ->
            manager.putAgent(
                new AgentName("one"),
                new AgentConfig("localhost", 1, "u", "p", Optional.empty(), Optional.empty())))
        .isInstanceOfSatisfying(
            FarmException.Refused.class,
            refused -> assertThat(refused.is(ErrorCode.ENDPOINT_NOT_FOUND)).isTrue());
  }

  private static LeaseOrder order(BlobId blob) {
    return new LeaseOrder(
        "farm",
        "t",
        5,
        2,
        7,
        new SceneOrder(
            "project/a.blend",
            Optional.empty(),
            Optional.empty(),
            Map.of("project/a.blend", blob.sha256()),
            Optional.empty(),
            Optional.empty(),
            true,
            false),
        List.of(new WorkStep.Open()));
  }

  private static ManagerClient client(ServerAddress address) {
    return new ManagerClient(server.options(address));
  }

  private static Path result(TaskName task, int size) throws IOException {
    Path file = randomFile("result of " + task, size);
    server.tasks.putResult(
        task,
        ResultKind.COMPOSE,
        ResultFile.withSha1(file, size, FileChecksum.SHA_1.of(file), "image/png"));
    return file;
  }

  private static Path randomFile(String name, int size) throws IOException {
    byte[] content = new byte[size];
    new Random(name.hashCode() + size).nextBytes(content);
    return Files.write(folder.resolve(name + ".bin"), content);
  }
}
