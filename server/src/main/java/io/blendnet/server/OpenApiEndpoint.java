package io.blendnet.server;

import java.util.List;

/** {@code openapi.json}: the description of a server's endpoints, OpenAPI 3.1. */
final class OpenApiEndpoint implements ApiRoutes {
  static final String PATH = "openapi.json";

  private final String title;
  private final List<ApiRoute> described;

  /**
   * Describes these endpoints and itself.
   *
   * @param title such as {@code BlendNet Manager}
   */
  OpenApiEndpoint(String title, List<ApiRoute> described) {
    this.title = title;
    this.described = described;
  }

  @Override
  public List<ApiRoute> routes() {
    return List.of(
        ApiRoute.of(
            ApiMethod.GET,
            PATH,
            "This description, OpenAPI 3.1",
            new RouteAnswer.Document(),
            _ -> new ApiResponse.Document(description())));
  }

  private java.util.Map<String, Object> description() {
    return OpenApi.describe(title, described, routes());
  }
}
