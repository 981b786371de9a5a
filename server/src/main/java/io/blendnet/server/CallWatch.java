package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Knows whether somebody who matters calls. Signed in they all are: whoever is not never reaches an
 * endpoint. Thread-safe.
 */
public final class CallWatch {
  private final Predicate<ApiRoute> routes;
  private final Set<String> ignored;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicBoolean heard = new AtomicBoolean();

  /**
   * A watch over calls.
   *
   * @param routes which endpoints matter
   * @param ignored callers that are refused with one of these don't matter
   */
  public CallWatch(Predicate<ApiRoute> routes, Set<ErrorCode> ignored) {
    this.routes = routes;
    this.ignored = Set.copyOf(ignored.stream().map(ErrorCode::type).toList());
  }

  /** The same endpoints, watched. */
  public ApiRoutes over(ApiRoutes endpoints) {
    List<ApiRoute> watched =
        endpoints.routes().stream()
            .map(route -> routes.test(route) ? route.by(watched(route.handler())) : route)
            .toList();
    return () -> watched;
  }

  /**
   * Whether a call is under way, or ended after the last time that this was asked. An upload of
   * hours is one call.
   */
  public boolean hasHeard() {
    return heard.getAndSet(false) || underWay.get() > 0;
  }

  private ApiHandler watched(ApiHandler handler) {
    return request -> {
      underWay.incrementAndGet();
      try {
        return answer(handler, request);
      } finally {
        underWay.decrementAndGet();
      }
    };
  }

  private ApiResponse answer(ApiHandler handler, ApiRequest request)
      throws IOException, InterruptedException {
    boolean matters = true;
    try {
      return handler.handle(request);
    } catch (ApiException e) {
      matters = !ignored.contains(e.problem().type());
      throw e;
    } finally {
      if (matters) {
        heard.set(true);
      }
    }
  }
}
