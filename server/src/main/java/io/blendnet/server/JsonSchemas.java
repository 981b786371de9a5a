package io.blendnet.server;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.Strategy;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * JSON Schemas of the wire records, as {@link io.blendnet.protocol.WireJson} writes them. Each
 * record becomes a named schema. Used by one thread.
 */
final class JsonSchemas {
  private final Map<String, Object> named = new LinkedHashMap<>();

  Map<String, Object> named() {
    return named;
  }

  Map<String, Object> of(Type type) {
    return switch (type) {
      case ParameterizedType generic -> ofGeneric(generic);
      case Class<?> plain -> ofClass(plain);
      default -> Map.of();
    };
  }

  static Map<String, Object> byName(Map<String, Object> member) {
    return OpenApi.ordered("type", "object", "additionalProperties", member);
  }

  private Map<String, Object> ofGeneric(ParameterizedType type) {
    Type[] arguments = type.getActualTypeArguments();
    Class<?> raw = (Class<?>) type.getRawType();
    if (raw == Optional.class) {
      return OpenApi.ordered("anyOf", List.of(of(arguments[0]), Map.of("type", "null")));
    }
    if (raw == List.class) {
      return OpenApi.ordered("type", "array", "items", of(arguments[0]));
    }
    if (raw == Map.class) {
      return byName(of(arguments[1]));
    }
    throw new IllegalArgumentException("No schema for " + type);
  }

  private Map<String, Object> ofClass(Class<?> type) {
    if (type == String.class || type == BlenderVersion.class) {
      return Map.of("type", "string");
    }
    if (type == Strategy.class) {
      return OpenApi.ordered(
          "type", "string", "enum", Arrays.stream(Strategy.values()).map(Strategy::label).toList());
    }
    if (type.isEnum()) {
      return OpenApi.ordered(
          "type",
          "string",
          "enum",
          Arrays.stream(type.getEnumConstants()).map(Object::toString).toList());
    }
    if (type == boolean.class || type == Boolean.class) {
      return Map.of("type", "boolean");
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return Map.of("type", "integer");
    }
    if (type == double.class || type == Double.class) {
      return Map.of("type", "number");
    }
    if (type == Instant.class) {
      return OpenApi.ordered("type", "integer", "description", "seconds since 1970");
    }
    if (type == Duration.class) {
      return OpenApi.ordered("type", "number", "description", "seconds");
    }
    if (type == Object.class || type == Map.class) {
      return Map.of();
    }
    if (type.isArray()) {
      return OpenApi.ordered("type", "array", "items", of(type.getComponentType()));
    }
    if (type.isRecord()) {
      return reference(type, () -> ofRecord(type, List.of()));
    }
    JsonSubTypes kinds = type.getAnnotation(JsonSubTypes.class);
    if (kinds != null) {
      return reference(type, () -> ofKinds(kinds));
    }
    throw new IllegalArgumentException("No schema for " + type);
  }

  private Map<String, Object> reference(
      Class<?> type, java.util.function.Supplier<Map<String, Object>> schema) {
    String name = type.getSimpleName();
    if (!named.containsKey(name)) {
      // First the name, then its content, which may name it again.
      named.put(name, Map.of());
      named.put(name, schema.get());
    }
    return Map.of("$ref", "#/components/schemas/" + name);
  }

  private Map<String, Object> ofKinds(JsonSubTypes kinds) {
    List<Object> alternatives = new ArrayList<>();
    for (JsonSubTypes.Type kind : kinds.value()) {
      alternatives.add(ofRecord(kind.value(), List.of(kind.name())));
    }
    return OpenApi.ordered("oneOf", alternatives);
  }

  private Map<String, Object> ofRecord(Class<?> type, List<String> kind) {
    Map<String, Object> properties = new LinkedHashMap<>();
    kind.forEach(name -> properties.put("kind", Map.of("const", name)));
    collect(type, properties);
    return OpenApi.ordered("type", "object", "properties", properties);
  }

  private void collect(Class<?> type, Map<String, Object> properties) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
        collect(component.getType(), properties);
        continue;
      }
      properties.put(nameOf(component), of(component.getGenericType()));
    }
  }

  private static String nameOf(RecordComponent component) {
    JsonProperty given = component.getAccessor().getAnnotation(JsonProperty.class);
    return given == null
        ? component.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT)
        : given.value();
  }
}
