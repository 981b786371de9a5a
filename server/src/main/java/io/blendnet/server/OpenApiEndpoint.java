package io.blendnet.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** {@code openapi.json}: the description of a server's endpoints, OpenAPI 3.1. */
final class OpenApiEndpoint implements ApiRoutes {
  static final String PATH = "openapi.json";

  private final ApiResponse description;

  /**
   * Describes these endpoints and itself.
   *
   * @param title such as {@code BlendNet Manager}
   * @throws IllegalArgumentException one of them cannot be described: a bug, better found at start
   */
  OpenApiEndpoint(String title, List<ApiRoute> described) {
    List<ApiRoute> all = new ArrayList<>(described);
    all.add(route(() -> new ApiResponse.Document("")));
    description = new ApiResponse.Document(OpenApi.describe(title, all));
  }

  @Override
  public List<ApiRoute> routes() {
    return List.of(route(() -> description));
  }

  private static ApiRoute route(Supplier<ApiResponse> answer) {
    return ApiRoute.of(
        ApiMethod.GET,
        PATH,
        "This description, OpenAPI 3.1",
        new RouteAnswer.Document(),
        _ -> answer.get());
  }
}
