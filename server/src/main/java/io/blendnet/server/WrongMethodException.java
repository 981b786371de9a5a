package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.Problem;

/** The path exists, with other methods. */
final class WrongMethodException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String allow;

  WrongMethodException(String allow) {
    super("Here only " + allow, null, false, false);
    this.allow = allow;
  }

  String allow() {
    return allow;
  }

  Problem problem() {
    return Problem.of(ErrorCode.METHOD_NOT_ALLOWED, "This path has other methods: " + allow);
  }
}
