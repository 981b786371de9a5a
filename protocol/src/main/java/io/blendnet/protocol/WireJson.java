package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.Strategy;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The one JSON mapping of API v1 and the work protocol: snake_case, instants as whole seconds since
 * 1970, durations as seconds with a fraction, absent values as null. Members that a reader does not
 * know are passed over, so that either side may be newer. Thread-safe.
 */
public final class WireJson {
  /** Limit of a JSON body that a server accepts, in bytes. */
  public static final int BODY_LIMIT = 512 * 1024;

  // What one end may make the other hold: the previews within reports are the longest texts.
  private static final int NESTING_LIMIT = 32;
  private static final int TEXT_LIMIT = 8 * 1024 * 1024;
  private static final int NAME_LIMIT = 8 * 1024;
  private static final long DOCUMENT_LIMIT = 256L * 1024 * 1024;

  private static final JsonMapper MAPPER = newMapper();

  private WireJson() {}

  public static byte[] write(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /** A value as a tree, for tests and for answers that are put together. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Reads any JSON.
   *
   * @throws MalformedJsonException this is no JSON, or too deeply nested, or too long
   */
  public static JsonNode readTree(byte[] json) throws MalformedJsonException {
    try {
      return MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new MalformedJsonException(e);
    }
  }

  /**
   * Reads a record.
   *
   * @throws InvalidFieldException a member is missing, or has a wrong type or value
   * @throws MalformedJsonException this is no JSON, or too deeply nested, or too long
   */
  public static <T> T read(byte[] json, Class<T> type) throws MalformedJsonException {
    return convert(readTree(json), type);
  }

  /**
   * Reads a record from a tree.
   *
   * @throws InvalidFieldException a member is missing, or has a wrong type or value
   */
  public static <T> T convert(JsonNode tree, Class<T> type) {
    try {
      T value = MAPPER.treeToValue(tree, type);
      if (value == null) {
        throw new InvalidFieldException("", "A JSON object is expected, not null");
      }
      return value;
    } catch (JacksonException e) {
      throw JsonFailures.invalidField(e);
    }
  }

  static JsonMapper mapper() {
    return MAPPER;
  }

  private static JsonMapper newMapper() {
    var factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(NESTING_LIMIT)
                    .maxStringLength(TEXT_LIMIT)
                    .maxNameLength(NAME_LIMIT)
                    .maxDocumentLength(DOCUMENT_LIMIT)
                    .build())
            .build();
    var types = new SimpleModule("blendnet");
    types.addSerializer(Instant.class, new InstantWriter());
    types.addDeserializer(Instant.class, new InstantReader());
    types.addSerializer(Duration.class, new DurationWriter());
    types.addDeserializer(Duration.class, new DurationReader());
    types.addSerializer(BlenderVersion.class, new VersionWriter());
    types.addDeserializer(BlenderVersion.class, new VersionReader());
    types.addSerializer(Strategy.class, new StrategyWriter());
    types.addDeserializer(Strategy.class, new StrategyReader());
    return JsonMapper.builder(factory)
        .addModule(types)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .changeDefaultPropertyInclusion(
            inclusion -> inclusion.withValueInclusion(JsonInclude.Include.ALWAYS))
        .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  private static final class InstantWriter extends ValueSerializer<Instant> {
    @Override
    public void serialize(Instant value, JsonGenerator json, SerializationContext context) {
      json.writeNumber(value.getEpochSecond());
    }
  }

  private static final class InstantReader extends ValueDeserializer<Instant> {
    @Override
    public Instant deserialize(JsonParser json, DeserializationContext context) {
      BigDecimal seconds = number(json, context, Instant.class);
      try {
        return Instant.ofEpochSecond(
            seconds.longValue(), seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
      } catch (DateTimeException e) {
        return context.reportInputMismatch(Instant.class, "no such time: %s", seconds);
      }
    }
  }

  private static final class DurationWriter extends ValueSerializer<Duration> {
    @Override
    public void serialize(Duration value, JsonGenerator json, SerializationContext context) {
      BigDecimal seconds =
          BigDecimal.valueOf(value.getSeconds()).add(BigDecimal.valueOf(value.getNano(), 9));
      BigDecimal short_ = seconds.stripTrailingZeros();
      json.writeNumber(short_.scale() < 0 ? short_.setScale(0) : short_);
    }
  }

  private static final class DurationReader extends ValueDeserializer<Duration> {
    @Override
    public Duration deserialize(JsonParser json, DeserializationContext context) {
      BigDecimal seconds = number(json, context, Duration.class);
      return Duration.ofSeconds(
          seconds.longValue(), seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
    }
  }

  private static BigDecimal number(JsonParser json, DeserializationContext context, Class<?> type) {
    if (!json.currentToken().isNumeric()) {
      return context.reportInputMismatch(type, "a number of seconds is expected");
    }
    BigDecimal seconds = json.getDecimalValue();
    // Also keeps 1e999999999 from being written out.
    if (seconds.precision() - seconds.scale() > 18 || seconds.scale() > 1_000) {
      return context.reportInputMismatch(type, "out of range");
    }
    return seconds;
  }

  private static final class VersionWriter extends ValueSerializer<BlenderVersion> {
    @Override
    public void serialize(BlenderVersion value, JsonGenerator json, SerializationContext context) {
      json.writeString(value.toString());
    }
  }

  private static final class VersionReader extends ValueDeserializer<BlenderVersion> {
    @Override
    public BlenderVersion deserialize(JsonParser json, DeserializationContext context) {
      String text = json.getString();
      return BlenderVersion.find(text == null ? "" : text)
          .orElseGet(() ->
              context.reportInputMismatch(
                  BlenderVersion.class, "a version such as \"4.5.3\" is expected"));
    }
  }

  private static final class StrategyWriter extends ValueSerializer<Strategy> {
    @Override
    public void serialize(Strategy value, JsonGenerator json, SerializationContext context) {
      json.writeString(value.label());
    }
  }

  private static final class StrategyReader extends ValueDeserializer<Strategy> {
    @Override
    public Strategy deserialize(JsonParser json, DeserializationContext context) {
      String text = json.getString();
      return Strategy.parse(text == null ? "" : text)
          .orElseGet(() ->
              context.reportInputMismatch(
                  Strategy.class, "auto, tiles, samples or frame is expected"));
    }
  }
}
