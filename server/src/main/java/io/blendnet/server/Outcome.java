package io.blendnet.server;

import io.blendnet.protocol.Problem;

/** How a request ended. */
sealed interface Outcome {
  /** An endpoint answered. */
  record Answered(ApiResponse response) implements Outcome {}

  /** Nothing but the methods of the path, for OPTIONS. */
  record Methods(String allow) implements Outcome {}

  /**
   * It was refused or failed.
   *
   * @param allow the methods of the path where the method was wrong, else empty
   */
  record Refused(Problem problem, String allow) implements Outcome {}
}
