package io.blendnet.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

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
    String text = given.get(name);
    try {
      return text == null ? standard : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is a whole number, not '" + text + "'", e);
    }
  }

  /** As {@link #whole}, for flags that may have a fraction. */
  double decimal(String name, double standard) {
    String text = given.get(name);
    try {
      return text == null ? standard : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is a number, not '" + text + "'", e);
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
