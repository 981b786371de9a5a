package io.blendnet.server;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.WirePaths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the endpoint for a path. Works on the path as it was sent: parts are decoded after they are
 * taken apart, so that an encoded slash never makes a part, and once.
 */
final class RouteTable {
  static final String PREFIX = "/api/v1/";

  private final List<ApiRoute> routes;
  private final List<Pattern> patterns = new ArrayList<>();

  RouteTable(List<ApiRoute> routes) {
    this.routes = List.copyOf(routes);
    for (ApiRoute route : routes) {
      Pattern pattern = patternOf(route.path());
      if (pattern.routes.put(route.method(), route) != null) {
        throw new IllegalArgumentException(
            "Two endpoints for " + route.method() + " " + route.path());
      }
    }
  }

  List<ApiRoute> routes() {
    return routes;
  }

  /** The paths that there are, for whoever asks for another. */
  List<String> endpoints() {
    Set<String> paths = new LinkedHashSet<>();
    routes.forEach(route -> paths.add(PREFIX + route.path().replace("+}", "}")));
    return List.copyOf(paths);
  }

  /**
   * The endpoints of a path, by method.
   *
   * @param rawPath as it was sent, without query
   * @throws ApiException there is none ({@code ENDPOINT_NOT_FOUND}), or the path is not
   *     percent-encoded
   */
  Match find(String rawPath) {
    if (rawPath.startsWith(PREFIX)) {
      List<String> parts = List.of(rawPath.substring(PREFIX.length()).split("/", -1));
      for (Pattern pattern : patterns) {
        Optional<Map<String, String>> values = pattern.match(parts);
        if (values.isPresent()) {
          return new Match(pattern.routes, values.get());
        }
      }
    }
    throw ApiException.unknownPath(
        "There is no such path. Those that there are stand under 'endpoints'.", endpoints());
  }

  private Pattern patternOf(String path) {
    for (Pattern pattern : patterns) {
      if (pattern.path.equals(path)) {
        return pattern;
      }
    }
    var pattern = new Pattern(path);
    patterns.add(pattern);
    return pattern;
  }

  /**
   * What a path leads to.
   *
   * @param byMethod at least one endpoint
   * @param values decoded parts by name; the rest of a path as it was sent
   */
  record Match(Map<ApiMethod, ApiRoute> byMethod, Map<String, String> values) {}

  private static final class Pattern {
    private final String path;
    private final List<String> parts;
    private final Map<ApiMethod, ApiRoute> routes = new EnumMap<>(ApiMethod.class);

    Pattern(String path) {
      this.path = path;
      this.parts = Arrays.asList(path.split("/", -1));
    }

    Optional<Map<String, String>> match(List<String> sent) {
      boolean rest = parts.getLast().endsWith("+}");
      // A slash at the end means nothing, except in a file's path.
      List<String> given =
          !rest && sent.size() == parts.size() + 1 && sent.getLast().isEmpty()
              ? sent.subList(0, parts.size())
              : sent;
      if (rest ? given.size() < parts.size() : given.size() != parts.size()) {
        return Optional.empty();
      }
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < parts.size(); i++) {
        String part = parts.get(i);
        if (part.endsWith("+}")) {
          String tail = String.join("/", given.subList(i, given.size()));
          if (tail.isEmpty()) {
            return Optional.empty();
          }
          values.put(part.substring(1, part.length() - 2), tail);
        } else if (part.startsWith("{")) {
          values.put(part.substring(1, part.length() - 1), decode(given.get(i)));
        } else if (!part.equals(given.get(i))) {
          return Optional.empty();
        }
      }
      return Optional.of(values);
    }

    private static String decode(String part) {
      try {
        return WirePaths.percentDecode("path", part);
      } catch (InvalidFieldException e) {
        throw new ApiException(ErrorCode.INVALID_REQUEST, e.getMessage());
      }
    }
  }
}
