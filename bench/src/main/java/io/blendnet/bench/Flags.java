package io.blendnet.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What stands behind a benchmark's name: flags with a value, and {@code --json}.
 *
 * @param given values by flag; empty for {@code --json}
 */
record Flags(Map<String, String> given) {
  private static final String JSON = "--json";

  Flags {
    given = Map.copyOf(given);
  }

  /**
   * Reads them.
   *
   * @param known those that have a value
   * @throws IllegalArgumentException for any other, naming it
   */
  static Flags parse(String[] arguments, Set<String> known) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals(JSON)) {
        given.put(JSON, "");
      } else if (known.contains(arguments[i]) && i + 1 < arguments.length) {
        given.put(arguments[i], arguments[++i]);
      } else {
        throw new IllegalArgumentException("'" + arguments[i] + "' is no flag, or lacks its value");
      }
    }
    return new Flags(given);
  }

  boolean json() {
    return given.containsKey(JSON);
  }

  /**
   * A flag's value.
   *
   * @param standard where it is not given
   * @throws IllegalArgumentException it is none
   */
  long whole(String name, long standard) {
    return number(name, "whole number", Long::valueOf).orElse(standard);
  }

  /** As {@link #whole}, for flags that may have a fraction. */
  double decimal(String name, double standard) {
    return number(name, "number", Double::valueOf).orElse(standard);
  }

  private <T> Optional<T> number(String name, String kind, Function<String, T> parse) {
    Optional<String> text = Optional.ofNullable(given.get(name));
    try {
      return text.map(parse);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is a %s, not '%s'".formatted(name, kind, text.orElse("")), e);
    }
  }

  /**
   * Demands something of the values.
   *
   * @throws IllegalArgumentException with the words, where it is not so
   */
  static void require(boolean is, String words) {
    if (!is) {
      throw new IllegalArgumentException(words);
    }
  }
}
