package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.Problem;
import io.blendnet.protocol.WireJson;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;

/**
 * The envelope of what fails before a request is understood. Only the status is told: whoever sent
 * it has not signed in.
 */
final class MalformedRequestHandler implements DirectHandler {
  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    ErrorCode code =
        switch (status.code()) {
          case 413 -> ErrorCode.TOO_LARGE;
          case 414, 431 -> ErrorCode.HEADERS_TOO_LARGE;
          case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
          case 503 -> ErrorCode.UNAVAILABLE;
          // 500 too: Helidon 4.5.0 says so to a method that is no word, and our own failures never
          // come here.
          default -> ErrorCode.INVALID_REQUEST;
        };
    headers.set(HeaderNames.CONTENT_TYPE, Problem.CONTENT_TYPE);
    return TransportResponse.builder()
        .status(Status.create(code.status()))
        .headers(headers)
        .keepAlive(false)
        .entity(WireJson.write(Problem.of(code, code.title())))
        .build();
  }
}
