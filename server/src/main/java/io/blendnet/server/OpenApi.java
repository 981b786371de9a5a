package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes endpoints down as OpenAPI 3.1, from the routes and records themselves. */
final class OpenApi {
  private static final Pattern PART = Pattern.compile("\\{([a-z_]+)\\+?}");
  private static final String JSON = "application/json";

  private final JsonSchemas schemas = new JsonSchemas();

  private OpenApi() {}

  /**
   * The document, as JSON would have it.
   *
   * @throws IllegalArgumentException an answer's type has no schema
   */
  static Map<String, Object> describe(String title, List<ApiRoute> routes) {
    return new OpenApi().document(title, routes);
  }

  private Map<String, Object> document(String title, List<ApiRoute> routes) {
    Map<String, Object> paths = new LinkedHashMap<>();
    for (ApiRoute route : routes) {
      String path = RouteTable.PREFIX + route.path().replace("+}", "}");
      @SuppressWarnings("unchecked") // only maps are put in, two lines below
      var operations =
          (Map<String, Object>)
              paths.computeIfAbsent(path, _ -> new LinkedHashMap<String, Object>());
      operations.put(route.method().name().toLowerCase(Locale.ROOT), operation(route));
    }
    Map<String, Object> problem = schemas.of(Problem.class);
    return ordered(
        "openapi", "3.1.0",
        "info",
            ordered(
                "title",
                title,
                "version",
                "1",
                "description",
                "API v1: JSON answers come in an envelope {success, message, data}; failures"
                    + " carry the members of RFC 9457 beside it. See docs/api.md."),
        "security", List.of(Map.of("basic", List.of())),
        "paths", paths,
        "components",
            ordered(
                "securitySchemes",
                Map.of("basic", Map.of("type", "http", "scheme", "basic")),
                "responses",
                Map.of(
                    "problem",
                    ordered(
                        "description",
                        "Refused or failed; type is one of "
                            + String.join(
                                ", ",
                                Arrays.stream(ErrorCode.values()).map(ErrorCode::type).toList()),
                        "content",
                        Map.of(Problem.CONTENT_TYPE, Map.of("schema", problem)))),
                "schemas",
                schemas.named()));
  }

  private Map<String, Object> operation(ApiRoute route) {
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("summary", route.summary());
    operation.put("operationId", operationId(route));
    List<Map<String, Object>> parameters = parameters(route);
    if (!parameters.isEmpty()) {
      operation.put("parameters", parameters);
    }
    route.body().ifPresent(body -> operation.put("requestBody", body(body)));
    operation.put(
        "responses",
        ordered(
            "200",
            ordered("description", route.summary(), "content", answer(route.answer())),
            "default",
            Map.of("$ref", "#/components/responses/problem")));
    return operation;
  }

  private static String operationId(ApiRoute route) {
    String words = route.path().replaceAll("[^a-z]+", "_").replaceAll("_$", "");
    return route.method().name().toLowerCase(Locale.ROOT) + "_" + words;
  }

  private static List<Map<String, Object>> parameters(ApiRoute route) {
    List<Map<String, Object>> parameters = new ArrayList<>();
    Matcher parts = PART.matcher(route.path());
    while (parts.find()) {
      parameters.add(
          ordered(
              "name",
              parts.group(1),
              "in",
              "path",
              "required",
              true,
              "schema",
              Map.of("type", "string")));
    }
    for (ApiParameter parameter : route.parameters()) {
      parameters.add(
          ordered(
              "name", parameter.name(),
              "in", "query",
              "required", parameter.required(),
              "description", parameter.summary(),
              "schema",
                  ordered(
                      "type",
                      "integer",
                      "minimum",
                      parameter.least(),
                      "maximum",
                      parameter.most())));
    }
    return parameters;
  }

  private Map<String, Object> body(RouteBody body) {
    Map<String, Object> content =
        switch (body) {
          case RouteBody.Json(Class<?> type, _) -> Map.of(JSON, Map.of("schema", schemas.of(type)));
          case RouteBody.Bytes(_) -> Map.of("application/octet-stream", Map.of());
        };
    return ordered("required", true, "content", content);
  }

  private Map<String, Object> answer(RouteAnswer answer) {
    return switch (answer) {
      case RouteAnswer.Data(Class<?> type) -> envelope(schemas.of(type));
      case RouteAnswer.DataByName(Class<?> type) -> envelope(JsonSchemas.byName(schemas.of(type)));
      case RouteAnswer.ListsByName(Class<?> type) ->
          envelope(JsonSchemas.byName(ordered("type", "array", "items", schemas.of(type))));
      case RouteAnswer.Done() -> envelope(Map.of("type", "null"));
      case RouteAnswer.File() -> Map.of("*/*", Map.of());
      case RouteAnswer.Document() -> Map.of(JSON, Map.of("schema", Map.of("type", "object")));
    };
  }

  private static Map<String, Object> envelope(Map<String, Object> data) {
    return Map.of(
        JSON,
        Map.of(
            "schema",
            ordered(
                "type", "object",
                "required", List.of("success", "message", "data"),
                "properties",
                    ordered(
                        "success", Map.of("const", true),
                        "message", Map.of("type", "string"),
                        "data", data))));
  }

  /** A map that keeps its order, so that the document reads the same every time. */
  static Map<String, Object> ordered(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
