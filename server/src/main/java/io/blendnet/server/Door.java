package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.storage.spi.StorageFullException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes every request: signs in, finds the endpoint, checks limits, lets it answer. Thread-safe.
 */
final class Door {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  // What a server needs beside an upload, to go on working.
  private static final long DISK_RESERVE = 64L * 1024 * 1024;

  private final RouteTable routes;
  private final SignIn signIn;
  private final AnswerWriter writer;
  private final Path storage;
  private final RequestWatch watch;

  Door(ServerOptions options, RouteTable routes, RequestWatch watch, SignIn signIn) {
    this.watch = watch;
    this.routes = routes;
    this.signIn = signIn;
    this.writer = new AnswerWriter(options.realm());
    this.storage = options.storageFolder();
  }

  void handle(ServerRequest request, RoutingResponse response) {
    SocketAddress peer = request.remotePeer().address();
    UploadRead read = watch.begin(peer);
    try {
      handle(request, response, new RequestBody(request, read));
    } finally {
      watch.end(peer, read);
    }
  }

  private void handle(ServerRequest request, RoutingResponse response, RequestBody body) {
    boolean headersOnly = method(request).equals("HEAD");
    Outcome outcome;
    try {
      outcome = answer(request, body);
    } catch (WrongMethodException e) {
      outcome = new Outcome.Refused(e.problem(), e.allow());
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      outcome = refuse(request, e);
    }
    writer.write(response, body, headersOnly, outcome);
  }

  private Outcome answer(ServerRequest request, RequestBody body)
      throws IOException, InterruptedException, WrongMethodException {
    signIn.require(request.remotePeer().address(), body.header("Authorization"));
    RouteTable.Match match = routes.find(request.prologue().uriPath().rawPath());
    Optional<ApiRoute> found =
        switch (method(request)) {
          case "OPTIONS" -> Optional.empty();
          // Some GETs of API v1 change something; asking for their headers must not.
          case "HEAD" ->
              Optional.ofNullable(match.byMethod().get(ApiMethod.GET))
                  .filter(ApiRoute::browserSafe);
          default ->
              match.byMethod().values().stream()
                  .filter(route -> route.method().name().equals(method(request)))
                  .findFirst();
        };
    if (found.isEmpty()) {
      String allow = allowed(match);
      if (method(request).equals("OPTIONS")) {
        return new Outcome.Methods(allow);
      }
      throw new WrongMethodException(allow);
    }
    ApiRoute route = found.get();
    if (!route.browserSafe()) {
      OtherSites.refuse(body.header("Sec-Fetch-Site"), body.header("Origin"), request.authority());
    }
    Map<String, Long> numbers = numbers(request, route.parameters());
    Optional<RouteBody> taken = route.body();
    if (taken.isPresent()) {
      body.check(taken.get());
      if (taken.get() instanceof RouteBody.Bytes) {
        requireRoom(body.length());
      }
    }
    return new Outcome.Answered(
        route.handler().handle(new ApiRequest(route, match.values(), numbers, body)));
  }

  private static Outcome refuse(ServerRequest request, Throwable failure) {
    switch (failure) {
      case InterruptedException _ -> Thread.currentThread().interrupt();
      case ClientGoneException gone -> LOG.debug("{}: {}", describe(request), gone.getMessage());
      default -> {
        if (Refusal.isOurs(failure)) {
          LOG.error("{} failed", describe(request), failure);
        }
      }
    }
    return new Outcome.Refused(Refusal.of(failure), "");
  }

  /** A disk that fills up while others upload is found by the store; this spares the transfer. */
  private void requireRoom(long length) throws IOException {
    long free = storage.toFile().getUsableSpace();
    if (free > 0 && length > free - DISK_RESERVE) {
      throw new StorageFullException(storage, length, free);
    }
  }

  private static Map<String, Long> numbers(ServerRequest request, List<ApiParameter> parameters) {
    Map<String, Long> numbers = new HashMap<>();
    for (ApiParameter parameter : parameters) {
      Optional<String> text = request.query().first(parameter.name()).asOptional();
      if (text.isEmpty()) {
        if (parameter.required()) {
          throw invalid(parameter);
        }
        continue;
      }
      try {
        long value = Long.parseLong(text.get());
        if (value < parameter.least() || value > parameter.most()) {
          throw invalid(parameter);
        }
        numbers.put(parameter.name(), value);
      } catch (NumberFormatException e) {
        throw invalid(parameter);
      }
    }
    return numbers;
  }

  private static ApiException invalid(ApiParameter parameter) {
    return new ApiException(
        ErrorCode.INVALID_REQUEST,
        "'%s' in the query must be a whole number from %d to %d"
            .formatted(parameter.name(), parameter.least(), parameter.most()));
  }

  private static String allowed(RouteTable.Match match) {
    ApiRoute get = match.byMethod().get(ApiMethod.GET);
    Stream<String> head = get != null && get.browserSafe() ? Stream.of("HEAD") : Stream.of();
    return Stream.concat(
            Stream.concat(match.byMethod().keySet().stream().map(ApiMethod::name), head),
            Stream.of("OPTIONS"))
        .collect(Collectors.joining(", "));
  }

  private static String method(ServerRequest request) {
    return request.prologue().method().text();
  }

  /** For the log: without query and headers, which may hold what nobody else should read. */
  private static String describe(ServerRequest request) {
    return method(request)
        + " "
        + request.prologue().uriPath().rawPath().replaceAll("[^\\x20-\\x7e]", "?");
  }
}
