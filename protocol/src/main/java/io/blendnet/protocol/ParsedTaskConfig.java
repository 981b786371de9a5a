package io.blendnet.protocol;

import io.blendnet.domain.Strategy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A task's configuration as it arrived.
 *
 * @param config what it says
 * @param ignoredKeys keys that have no effect here: published clients send more than a server needs
 */
public record ParsedTaskConfig(TaskConfig config, List<String> ignoredKeys) {
  private static final List<String> KEYS =
      List.of(
          "project",
          "project_path",
          "cwd_path",
          "samples",
          "seed",
          "frame",
          "agents_num",
          "use_compositing_nodes",
          "compose_filepath",
          "strategy",
          "trust_scripts",
          "priority");

  public ParsedTaskConfig {
    ignoredKeys = List.copyOf(ignoredKeys);
  }

  /**
   * Reads the body of {@code PUT task/{name}/config}.
   *
   * @throws InvalidFieldException a key has a wrong type or value
   * @throws MalformedJsonException this is no JSON
   */
  public static ParsedTaskConfig parse(byte[] json) throws MalformedJsonException {
    JsonNode tree = WireJson.readTree(json);
    if (!tree.isObject()) {
      throw new InvalidFieldException("", "The configuration of a task is a JSON object");
    }
    List<String> ignored = new ArrayList<>(tree.propertyNames());
    ignored.removeAll(KEYS);
    var config =
        new TaskConfig(
            text(tree, "project"),
            text(tree, "project_path"),
            text(tree, "cwd_path"),
            number(tree, "samples"),
            number(tree, "seed"),
            number(tree, "frame"),
            number(tree, "agents_num"),
            flag(tree, "use_compositing_nodes"),
            text(tree, "compose_filepath"),
            text(tree, "strategy").map(ParsedTaskConfig::strategy),
            flag(tree, "trust_scripts"),
            number(tree, "priority"));
    return new ParsedTaskConfig(config, ignored);
  }

  /** A sentence that names the ignored keys, or nothing. */
  public Optional<String> warning() {
    return ignoredKeys.isEmpty()
        ? Optional.empty()
        : Optional.of("Accepted without effect: " + String.join(", ", ignoredKeys));
  }

  private static Strategy strategy(String label) {
    return Strategy.parse(label)
        .orElseThrow(() ->
            new InvalidFieldException(
                "strategy",
                "'strategy' must be one of %s"
                    .formatted(
                        Arrays.stream(Strategy.values())
                            .map(Strategy::label)
                            .collect(Collectors.joining(", ")))));
  }

  private static Optional<JsonNode> member(JsonNode tree, String key) {
    // Published clients send null for what they leave open.
    return tree.optional(key).filter(value -> !value.isNull());
  }

  private static Optional<String> text(JsonNode tree, String key) {
    return member(tree, key)
        .map(value -> {
          if (!value.isString()) {
            throw wrongType(key, "text");
          }
          return value.stringValue();
        });
  }

  private static Optional<Integer> number(JsonNode tree, String key) {
    return member(tree, key)
        .map(value -> {
          if (!value.isIntegralNumber()) {
            throw wrongType(key, "a whole number");
          }
          if (!value.canConvertToInt()) {
            throw new InvalidFieldException(
                key, "'%s' must be at most %d".formatted(key, Integer.MAX_VALUE));
          }
          return value.intValue();
        });
  }

  private static Optional<Boolean> flag(JsonNode tree, String key) {
    return member(tree, key)
        .map(value -> {
          if (!value.isBoolean()) {
            throw wrongType(key, "true or false");
          }
          return value.booleanValue();
        });
  }

  private static InvalidFieldException wrongType(String key, String expected) {
    return new InvalidFieldException(key, "'%s' must be %s".formatted(key, expected));
  }
}
