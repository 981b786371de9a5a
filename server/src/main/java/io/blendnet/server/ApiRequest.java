package io.blendnet.server;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.WireJson;
import io.blendnet.protocol.WirePaths;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A request to an endpoint, signed in and within its limits. Used by one thread. */
public final class ApiRequest {
  private final ApiRoute route;
  private final Map<String, String> parts;
  private final Map<String, Long> numbers;
  private final RequestBody body;

  ApiRequest(
      ApiRoute route, Map<String, String> parts, Map<String, Long> numbers, RequestBody body) {
    this.route = route;
    this.parts = parts;
    this.numbers = numbers;
    this.body = body;
  }

  /** A part of the path by its name in the route, decoded. Nothing is known about its value. */
  public String part(String name) {
    String value = parts.get(name);
    if (value == null) {
      throw new IllegalArgumentException("%s has no part '%s'".formatted(route.path(), name));
    }
    return value;
  }

  /** The task that part {@code name} names, else 400. */
  public TaskName task() {
    String name = part("name");
    if (!TaskName.isValid(name)) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "A task's name is 1 to 200 of letters, digits, '.', '_', '-' and space, and ends in neither"
              + " dot nor space");
    }
    return new TaskName(name);
  }

  /** The file that part {@code path+} names, by the rules of {@link WirePaths}, else 400. */
  public String filePath() {
    try {
      return WirePaths.decodeFile(part("path"));
    } catch (InvalidFieldException e) {
      throw new ApiException(ErrorCode.INVALID_REQUEST, e.getMessage());
    }
  }

  /** A query parameter of the route, within its limits. */
  public OptionalLong number(String name) {
    Long value = numbers.get(name);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /** A header's only or first value. */
  public Optional<String> header(String name) {
    return body.header(name);
  }

  /**
   * The body as a record.
   *
   * @throws ApiException it is no JSON, or a member is missing or wrong
   */
  public <T> T json(Class<T> type) throws IOException {
    return WireJson.read(body.all(), type);
  }

  /** The body of a route that takes JSON, at most its limit. */
  public byte[] bytes() throws IOException {
    return body.all();
  }

  /**
   * The body of a route that takes a file, straight from the connection.
   *
   * @return gives exactly {@link #length()} bytes, or fails
   */
  public InputStream stream() {
    return body.stream();
  }

  /** The body's length in bytes, where the route takes a file. */
  public long length() {
    return body.length();
  }
}
