package io.blendnet.server;

/** What an endpoint takes. */
public sealed interface RouteBody {
  /** A JSON object, at most {@link io.blendnet.protocol.WireJson#BODY_LIMIT} unless larger. */
  record Json(Class<?> type, int limit) implements RouteBody {}

  /** A file of at most so many bytes, streamed; refused without {@code Content-Length}. */
  record Bytes(long limit) implements RouteBody {}

  static RouteBody json(Class<?> type) {
    return new Json(type, io.blendnet.protocol.WireJson.BODY_LIMIT);
  }

  /** A file of any size. */
  static RouteBody bytes() {
    return new Bytes(Long.MAX_VALUE);
  }
}
