package io.blendnet.domain;

import java.util.regex.Pattern;

/** Name of an agent, unique on its Manager: 1 to 100 of {@code A-Za-z0-9._-}. */
public record AgentName(String value) implements Comparable<AgentName> {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._\\-]{1,100}");

  public AgentName {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "An agent's name is 1 to 100 of letters, digits, '.', '_' and '-': '" + value + "'");
    }
  }

  public static boolean isValid(String value) {
    return ALLOWED.matcher(value).matches() && !value.equals(".") && !value.equals("..");
  }

  @Override
  public int compareTo(AgentName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
