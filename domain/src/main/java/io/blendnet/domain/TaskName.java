package io.blendnet.domain;

import java.util.regex.Pattern;

/**
 * Name of a task, unique on its server: 1 to 200 of {@code A-Za-z0-9._-} and space. Names become
 * folder names, therefore {@code .}, {@code ..} and names that end in a dot or a space are refused.
 */
public record TaskName(String value) implements Comparable<TaskName> {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._\\- ]{1,200}");

  public TaskName {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "A task's name is 1 to 200 of letters, digits, '.', '_', '-' and space, and ends in neither"
              + " dot nor space: '"
              + value
              + "'");
    }
  }

  public static boolean isValid(String value) {
    return ALLOWED.matcher(value).matches() && !value.endsWith(".") && !value.endsWith(" ");
  }

  @Override
  public int compareTo(TaskName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
