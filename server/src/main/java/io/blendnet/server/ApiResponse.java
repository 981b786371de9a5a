package io.blendnet.server;

import io.blendnet.protocol.Answer;

/** What an endpoint answers when all is well; a refusal is an {@link ApiException}. */
public sealed interface ApiResponse {
  /** An envelope. */
  record Json(Answer answer) implements ApiResponse {}

  /** A file, with ranges. */
  record File(ResultFile file) implements ApiResponse {}

  /** A JSON document without an envelope, such as the description of the API. */
  record Document(Object value) implements ApiResponse {}

  static ApiResponse data(Object value) {
    return new Json(Answer.of(value));
  }

  /** Without data: a sentence about what was done, or a warning. */
  static ApiResponse done(String message) {
    return new Json(Answer.done(message));
  }

  static ApiResponse file(ResultFile file) {
    return new File(file);
  }
}
