package io.blendnet.server;

import java.util.List;
import java.util.Optional;

/**
 * One endpoint.
 *
 * @param method its method
 * @param path under {@code /api/v1/}, such as {@code task/{name}/file/{path+}}: a name in braces
 *     stands for one part, with a plus for the whole rest of the path
 * @param summary what it does, for the description of the API
 * @param parameters its query parameters
 * @param body what it takes; absent: a body is refused
 * @param answer what it answers
 * @param browserSafe false: refused when a browser sends it on behalf of another site
 */
public record ApiRoute(
    ApiMethod method,
    String path,
    String summary,
    List<ApiParameter> parameters,
    Optional<RouteBody> body,
    RouteAnswer answer,
    boolean browserSafe,
    ApiHandler handler) {
  public ApiRoute {
    parameters = List.copyOf(parameters);
  }

  /** An endpoint that answers an envelope with a record of this type as data. */
  public static ApiRoute get(String path, String summary, Class<?> data, ApiHandler handler) {
    return of(ApiMethod.GET, path, summary, new RouteAnswer.Data(data), handler);
  }

  /** An endpoint without a body. */
  public static ApiRoute of(
      ApiMethod method, String path, String summary, RouteAnswer answer, ApiHandler handler) {
    return new ApiRoute(
        method,
        path,
        summary,
        List.of(),
        Optional.empty(),
        answer,
        method == ApiMethod.GET,
        handler);
  }

  /** The same with a body. */
  public ApiRoute taking(RouteBody taken) {
    return new ApiRoute(
        method, path, summary, parameters, Optional.of(taken), answer, browserSafe, handler);
  }

  /** The same with query parameters. */
  public ApiRoute with(ApiParameter... more) {
    return new ApiRoute(method, path, summary, List.of(more), body, answer, browserSafe, handler);
  }

  /** The same, for a GET that changes something. */
  public ApiRoute guardedFromOtherSites() {
    return new ApiRoute(method, path, summary, parameters, body, answer, false, handler);
  }

  /** The same, answered by another. */
  ApiRoute by(ApiHandler other) {
    return new ApiRoute(method, path, summary, parameters, body, answer, browserSafe, other);
  }
}
