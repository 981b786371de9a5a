package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.Problem;
import java.util.List;

/**
 * A request that is refused. The message goes to the caller: a sentence that names the field, file
 * or machine, and the way out.
 */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public ApiException(ErrorCode code, String message) {
    this(Problem.of(code, message));
  }

  /**
   * A refusal with more to it.
   *
   * @param data what belongs to it, such as {@link io.blendnet.protocol.BlobsMissing}
   */
  public ApiException(ErrorCode code, String message, Object data) {
    this(Problem.of(code, message).withData(data));
  }

  private ApiException(Problem problem) {
    // A refusal is an answer, not a bug: nobody reads its stack.
    super(problem.message(), null, false, false);
    this.problem = problem;
  }

  static ApiException unknownPath(String message, List<String> endpoints) {
    return new ApiException(
        Problem.of(ErrorCode.ENDPOINT_NOT_FOUND, message).withEndpoints(endpoints));
  }

  /** The HTTP status. */
  public int status() {
    return problem.status();
  }

  Problem problem() {
    return problem;
  }
}
