package io.blendnet.protocol;

import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/** Turns what Jackson says into a sentence for the user, free of class names and of the content. */
final class JsonFailures {
  private JsonFailures() {}

  static InvalidFieldException invalidField(JacksonException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidFieldException ours) {
        return ours;
      }
    }
    String field =
        failure.getPath().stream()
            .map(step ->
                step.getPropertyName() == null
                    ? "[" + step.getIndex() + "]"
                    : step.getPropertyName())
            .collect(Collectors.joining("."))
            .replace(".[", "[");
    var invalid = new InvalidFieldException(field, sentence(field, failure));
    invalid.initCause(failure);
    return invalid;
  }

  static String reason(JacksonException failure) {
    var place = failure.getLocation();
    String message = failure.getOriginalMessage();
    String firstLine = message == null ? "" : message.lines().findFirst().orElse("");
    return place == null || place.getLineNr() < 1
        ? firstLine
        : "%s (line %d, column %d)".formatted(firstLine, place.getLineNr(), place.getColumnNr());
  }

  private static String sentence(String field, JacksonException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof IllegalArgumentException)) {
      cause = cause.getCause();
    }
    String reason =
        cause instanceof IllegalArgumentException && cause.getMessage() != null
            ? cause.getMessage()
            : "it is missing or has a wrong type or value";
    return field.isEmpty() ? "The JSON body: " + reason : "'%s': %s".formatted(field, reason);
  }
}
