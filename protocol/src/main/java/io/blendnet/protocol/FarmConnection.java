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
import java.nio.file.Path;
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
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** One server, as calls see it: requests, repetition, envelope, failures. Thread-safe. */
final class FarmConnection implements AutoCloseable {
  private static final Duration FIRST_DELAY = Duration.ofMillis(200);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(3);
  private static final double JITTER = 0.2;
  private static final String JSON = "application/json";
  private static final String BYTES = "application/octet-stream";
  static final String SHA1_HEADER = "X-Checksum-Sha1";

  /** A body of so many bytes costs more than to ask first whether the server wants it. */
  private static final long WORTH_ASKING = 1L << 20;

  private final ClientOptions options;
  private final Map<String, String> headers;
  private final long answerLimit;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http;

  /** For files: a connection for each that is under way. Many clients never send one. */
  private Optional<HttpClient> bulk = Optional.empty();

  /**
   * @param headers that every call carries
   * @param answerLimit bytes of JSON that an answer may have
   */
  FarmConnection(ClientOptions options, Map<String, String> headers, long answerLimit) {
    this.answerLimit = answerLimit;
    this.options = options;
    this.headers = Map.copyOf(headers);
    this.http = client(HttpClient.Version.HTTP_2);
  }

  private HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder()
        .version(version)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(options.connectTimeout())
        .sslContext(options.tls())
        .executor(threads)
        .build();
  }

  private synchronized HttpClient bulk() {
    HttpClient client = bulk.orElseGet(() -> client(HttpClient.Version.HTTP_1_1));
    bulk = Optional.of(client);
    return client;
  }

  long answerLimit() {
    return answerLimit;
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

  /** Sends a body, once. */
  ReceivedAnswer send(String path, String method, Map<String, String> more, ReadBody body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path).header("Content-Type", BYTES).method(method, body);
    more.forEach(request::header);
    // What the server refuses by the headers alone is not sent in vain.
    request.expectContinue(body.contentLength() >= WORTH_ASKING);
    return answered(request.build(), body);
  }

  private ReceivedAnswer answered(HttpRequest request, ReadBody body)
      throws IOException, InterruptedException {
    var moved = new AtomicLong();
    HttpResponse<byte[]> response;
    try {
      response =
          send(
              bulk(),
              request,
              _ -> CountedBody.bytes(answerLimit, moved::addAndGet),
              () -> moved.get() + body.moved(),
              options.requestTimeout());
    } catch (FarmException e) {
      // A disk that fails looks like a broken connection from here.
      Optional<IOException> unreadable = body.failure();
      if (unreadable.isPresent()) {
        throw unreadable.get();
      }
      throw e;
    }
    return ReceivedAnswer.read(server(), response.statusCode(), response.body());
  }

  /** What came of asking for a file. */
  record Fetched(int status, DownloadedBody body) {}

  /**
   * Asks for a file, once.
   *
   * @param moved counts bytes as they come
   */
  Fetched fetch(
      String path,
      Map<String, String> more,
      HttpResponse.BodyHandler<DownloadedBody> handler,
      AtomicLong moved)
      throws FarmException, InterruptedException {
    HttpRequest.Builder request = request(path).GET();
    more.forEach(request::header);
    var taken = new AtomicReference<Optional<Taken>>(Optional.empty());
    try {
      HttpResponse<DownloadedBody> response =
          send(
              bulk(),
              request.build(),
              info -> {
                HttpResponse.BodySubscriber<DownloadedBody> body = handler.apply(info);
                taken.set(Optional.of(new Taken(info.statusCode(), body)));
                return body;
              },
              moved::get,
              options.requestTimeout());
      return new Fetched(response.statusCode(), response.body());
    } catch (FarmException.NotReachable e) {
      // A body that was broken off here is told as a broken connection.
      return taken.get().flatMap(Taken::outcome).orElseThrow(() -> e);
    }
  }

  private record Taken(int status, HttpResponse.BodySubscriber<DownloadedBody> body) {
    Optional<Fetched> outcome() {
      CompletableFuture<DownloadedBody> result = body.getBody().toCompletableFuture();
      return result.isDone() && !result.isCompletedExceptionally()
          ? Optional.of(new Fetched(status, result.join()))
          : Optional.empty();
    }
  }

  /** A transfer that can go on where it stopped. */
  @FunctionalInterface
  interface Transfer {
    void go() throws IOException, InterruptedException;
  }

  /**
   * Has a transfer go on until it is done. It may fail as often as a call may, and as often again
   * whenever something more has arrived.
   */
  void persist(LongSupplier arrived, Transfer transfer) throws IOException, InterruptedException {
    int failures = 0;
    while (true) {
      long before = arrived.getAsLong();
      try {
        transfer.go();
        return;
      } catch (FarmException e) {
        failures = arrived.getAsLong() > before ? 1 : failures + 1;
        if (!passes(e) || failures >= options.attempts()) {
          throw e;
        }
      }
      Thread.sleep(pause(failures));
    }
  }

  private static Duration pause(int failures) {
    Duration pause = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 10));
    return pause.compareTo(LONGEST_DELAY) < 0 ? pause : LONGEST_DELAY;
  }

  void download(String path, Path target, TransferProgress progress)
      throws IOException, InterruptedException {
    Download.run(this, path, target, Optional.empty(), progress);
  }

  void download(
      String path, Path target, WorkReport.DeliveryInfo expected, TransferProgress progress)
      throws IOException, InterruptedException {
    Download.run(this, path, target, Optional.of(expected), progress);
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
    Stream.concat(Stream.of(http), closing().stream())
        .forEach(client -> {
          client.shutdownNow();
          client.close();
        });
    threads.close();
  }

  private synchronized Optional<HttpClient> closing() {
    return bulk;
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
            http,
            shape.apply(request(path)).build(),
            _ -> CountedBody.bytes(answerLimit, moved::addAndGet),
            moved::get,
            limit);
    return ReceivedAnswer.read(server(), response.statusCode(), response.body());
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
      HttpClient client,
      HttpRequest request,
      HttpResponse.BodyHandler<T> body,
      LongSupplier moved,
      Duration limit)
      throws FarmException, InterruptedException {
    CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, body);
    long before = -1;
    while (true) {
      try {
        return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long now = moved.getAsLong();
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
