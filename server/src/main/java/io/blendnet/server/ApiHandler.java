package io.blendnet.server;

import java.io.IOException;

/** Answers requests to one endpoint, on a virtual thread each. */
@FunctionalInterface
public interface ApiHandler {
  /**
   * Answers.
   *
   * @throws ApiException the request is refused
   * @throws IOException the connection broke, or the machine failed: 500, logged once
   */
  ApiResponse handle(ApiRequest request) throws IOException, InterruptedException;
}
