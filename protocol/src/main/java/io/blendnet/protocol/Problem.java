package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * The envelope of a failure: API v1's members and those of RFC 9457.
 *
 * @param success always false
 * @param message what happened and what to do: a sentence for the user
 * @param data what belongs to the failure, such as the missing blobs
 * @param type the error code as a URI, {@link ErrorCode#type()}
 * @param title what all failures of this code have in common
 * @param status the HTTP status
 * @param detail the same as {@code message}
 * @param endpoints for an unknown path: the paths that there are
 */
public record Problem(
    boolean success,
    String message,
    Optional<Object> data,
    String type,
    String title,
    int status,
    String detail,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> endpoints) {
  /** The content type of a failure. */
  public static final String CONTENT_TYPE = "application/problem+json";

  public Problem {
    endpoints = List.copyOf(endpoints);
  }

  public static Problem of(ErrorCode code, String message) {
    return new Problem(
        false,
        message,
        Optional.empty(),
        code.type(),
        code.title(),
        code.status(),
        message,
        List.of());
  }

  public Problem withData(Object more) {
    return new Problem(success, message, Optional.of(more), type, title, status, detail, endpoints);
  }

  public Problem withEndpoints(List<String> paths) {
    return new Problem(success, message, data, type, title, status, detail, paths);
  }
}
