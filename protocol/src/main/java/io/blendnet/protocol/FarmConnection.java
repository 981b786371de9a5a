package io.blendnet.protocol;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;

/** One server, as calls see it: requests, repetition, envelope, failures. Thread-safe. */
final class FarmConnection implements AutoCloseable {
  private static final Duration FIRST_DELAY = Duration.ofMillis(200);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(3);
  private static final double JITTER = 0.2;
  private static final String JSON = "application/json";
  static final String SHA1_HEADER = "X-Checksum-Sha1";

  private final ClientOptions options;
  private final Map<String, String> headers;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http;

  /**
   * @param headers that every call carries
   */
  FarmConnection(ClientOptions options, Map<String, String> headers) {
    this.options = options;
    this.headers = Map.copyOf(headers);
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.connectTimeout())
            .sslContext(options.tls())
            .executor(threads)
            .build();
  }

  ServerAddress server() {
    return options.server();
  }

  <T> T get(String path, Class<T> type) throws FarmException, InterruptedException {
    return convert(getTree(path), type);
  }

  JsonNode getTree(String path) throws FarmException, InterruptedException {
    return call(path, request -> request.GET(), options.requestTimeout()).data();
  }

  <T> T longPoll(String path, Duration wait, Class<T> type)
      throws FarmException, InterruptedException {
    Duration limit = options.requestTimeout().plus(wait);
    return convert(call(path, request -> request.GET(), limit).data(), type);
  }

  ReceivedAnswer put(String path, Object body) throws FarmException, InterruptedException {
    return call(path, request -> request.PUT(json(request, body)), options.requestTimeout());
  }

  void post(String path) throws FarmException, InterruptedException {
    var _ = postEmpty(path);
  }

  <T> T ask(String path, Class<T> type) throws FarmException, InterruptedException {
    return convert(postEmpty(path).data(), type);
  }

  private ReceivedAnswer postEmpty(String path) throws FarmException, InterruptedException {
    return call(
        path,
        request -> request.POST(HttpRequest.BodyPublishers.noBody()),
        options.requestTimeout());
  }

  <T> T ask(String path, Object question, Class<T> type)
      throws FarmException, InterruptedException {
    ReceivedAnswer answer =
        call(path, request -> request.POST(json(request, question)), options.requestTimeout());
    return convert(answer.data(), type);
  }

  /** What is gone when the call is repeated after a lost answer has been deleted by it. */
  void delete(String path) throws FarmException, InterruptedException {
    var mayBeDone = new AtomicBoolean();
    repeatCall(() -> {
      try {
        return once(path, request -> request.DELETE(), options.requestTimeout());
      } catch (FarmException.NotReachable e) {
        mayBeDone.set(true);
        throw e;
      } catch (FarmException.Refused e) {
        if (e.status() == 404 && mayBeDone.get()) {
          return ReceivedAnswer.EMPTY;
        }
        throw e;
      }
    });
  }

  <T> T upload(String path, Path file, TransferProgress progress, Class<T> type)
      throws IOException, InterruptedException {
    String sha1 = FileChecksum.SHA_1.of(file);
    ReceivedAnswer answer = repeat(() -> uploadOnce(path, file, Optional.of(sha1), progress));
    return convert(answer.data(), type);
  }

  void uploadVerifiedByName(String path, Path file, TransferProgress progress)
      throws IOException, InterruptedException {
    repeat(() -> uploadOnce(path, file, Optional.empty(), progress));
  }

  void download(String path, Path target, TransferProgress progress)
      throws IOException, InterruptedException {
    repeat(() -> {
      downloadOnce(path, target, Optional.empty(), progress);
      return target;
    });
  }

  void download(
      String path, Path target, WorkReport.DeliveryInfo expected, TransferProgress progress)
      throws IOException, InterruptedException {
    repeat(() -> {
      downloadOnce(path, target, Optional.of(expected), progress);
      return target;
    });
  }

  <T> T convert(JsonNode tree, Class<T> type) throws FarmException {
    try {
      return WireJson.convert(tree, type);
    } catch (InvalidFieldException e) {
      throw new FarmException.BrokenAnswer(
          server(), "%s answered something unexpected: %s".formatted(server(), e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
    threads.close();
  }

  private ReceivedAnswer call(String path, RequestShape shape, Duration limit)
      throws FarmException, InterruptedException {
    return repeatCall(() -> once(path, shape, limit));
  }

  /** For calls without files: every other I/O failure is one of the connection. */
  private <T> T repeatCall(CheckedSupplier<T> call) throws FarmException, InterruptedException {
    try {
      return repeat(call);
    } catch (FarmException e) {
      throw e;
    } catch (IOException e) {
      throw ConnectionFailures.explain(server(), e);
    }
  }

  private ReceivedAnswer once(String path, RequestShape shape, Duration limit)
      throws IOException, InterruptedException {
    var moved = new AtomicLong();
    HttpResponse<byte[]> response =
        send(
            shape.apply(request(path)).build(),
            _ -> CountedBody.bytes(moved::addAndGet),
            moved,
            limit);
    return ReceivedAnswer.read(server(), response.statusCode(), response.body());
  }

  private ReceivedAnswer uploadOnce(
      String path, Path file, Optional<String> sha1, TransferProgress progress)
      throws IOException, InterruptedException {
    var moved = new AtomicLong();
    var content = new FileContent(file, moved, progress);
    HttpRequest.Builder request =
        request(path).header("Content-Type", "application/octet-stream").PUT(content);
    sha1.ifPresent(sum -> request.header(SHA1_HEADER, sum));
    HttpResponse<byte[]> response;
    try {
      response =
          send(
              request.build(),
              _ -> CountedBody.bytes(moved::addAndGet),
              moved,
              options.requestTimeout());
    } catch (FarmException e) {
      // A disk that fails looks like a broken connection from here.
      Optional<IOException> unreadable = content.failure();
      if (unreadable.isPresent()) {
        throw unreadable.get();
      }
      throw e;
    }
    return ReceivedAnswer.read(server(), response.statusCode(), response.body());
  }

  private void downloadOnce(
      String path,
      Path target,
      Optional<WorkReport.DeliveryInfo> expected,
      TransferProgress progress)
      throws IOException, InterruptedException {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      switch (receive(path, part, expected, progress)) {
        case DownloadedBody.Answer answer ->
            throw new FarmException.BrokenAnswer(
                server(),
                "%s sent an answer of %d bytes where a file is expected"
                    .formatted(server(), answer.bytes().length));
        case DownloadedBody.Unwritable(IOException cause) -> throw cause;
        case DownloadedBody.Stored stored -> {
          check(stored);
          Files.move(
              part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private DownloadedBody receive(
      String path, Path part, Optional<WorkReport.DeliveryInfo> expected, TransferProgress progress)
      throws IOException, InterruptedException {
    var moved = new AtomicLong();
    var sink = new AtomicReference<Optional<FileSink>>(Optional.empty());
    try {
      HttpResponse<DownloadedBody> response =
          send(
              request(path).GET().build(),
              info ->
                  DownloadedBody.receive(
                      info, part, expected, moved, progress, file -> sink.set(Optional.of(file))),
              moved,
              options.requestTimeout());
      if (response.body() instanceof DownloadedBody.Answer(byte[] bytes)) {
        ReceivedAnswer.read(server(), response.statusCode(), bytes);
      }
      return response.body();
    } catch (FarmException.NotReachable e) {
      return sink.get().flatMap(FileSink::outcome).orElseThrow(() -> e);
    }
  }

  private void check(DownloadedBody.Stored stored) throws FarmException {
    if (stored.announcedChecksum().isEmpty()) {
      throw new FarmException.BrokenAnswer(
          server(), "%s sent a file without a checksum".formatted(server()));
    }
    boolean sameSum = stored.announcedChecksum().equals(Optional.of(stored.checksum()));
    if (stored.size() != stored.announcedSize() || !sameSum) {
      throw new FarmException.BrokenAnswer(
          server(),
          "What came from %s is not what it announced: %d bytes of %d, checksum %s"
              .formatted(
                  server(), stored.size(), stored.announcedSize(), sameSum ? "right" : "wrong"));
    }
  }

  private HttpRequest.Builder request(String path) {
    String signIn = options.user() + ":" + options.password().get();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server().api(path))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(signIn.getBytes(StandardCharsets.UTF_8)));
    headers.forEach(request::header);
    return request;
  }

  private static HttpRequest.BodyPublisher json(HttpRequest.Builder request, Object body) {
    request.header("Content-Type", JSON);
    return HttpRequest.BodyPublishers.ofByteArray(WireJson.write(body));
  }

  /**
   * Sends, and gives up when nothing moved for the limit. The client's own timeout ends with the
   * headers and would cut long uploads.
   */
  private <T> HttpResponse<T> send(
      HttpRequest request, HttpResponse.BodyHandler<T> body, AtomicLong moved, Duration limit)
      throws FarmException, InterruptedException {
    CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, body);
    long before = -1;
    while (true) {
      try {
        return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long now = moved.get();
        if (now == before || now == 0) {
          answer.cancel(true);
          throw ConnectionFailures.explain(
              server(), new HttpTimeoutException("nothing moved for " + limit.toSeconds() + " s"));
        }
        before = now;
      } catch (ExecutionException e) {
        throw ConnectionFailures.explain(server(), e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        answer.cancel(true);
        throw e;
      }
    }
  }

  private <T> T repeat(CheckedSupplier<T> call) throws IOException, InterruptedException {
    RetryPolicy<T> policy =
        RetryPolicy.<T>builder()
            .handleIf(FarmConnection::passes)
            .withBackoff(FIRST_DELAY, LONGEST_DELAY)
            .withJitter(JITTER)
            .withMaxAttempts(options.attempts())
            .build();
    try {
      return Failsafe.with(policy).get(call);
    } catch (FailsafeException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case InterruptedException cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }

  /** Whether it may go away by itself. */
  private static boolean passes(Throwable failure) {
    return switch (failure) {
      case FarmException.NotReachable _ -> true;
      case FarmException.Refused refused -> refused.status() == 503 || refused.status() == 429;
      default -> false;
    };
  }

  @FunctionalInterface
  private interface RequestShape {
    HttpRequest.Builder apply(HttpRequest.Builder request);
  }
}
