package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How urgent a task is, {@code PUT task/{name}/priority}.
 *
 * @param priority -100 to 100; the higher goes first, and 0 is what a task has that says nothing
 */
public record TaskPriority(@JsonProperty(required = true) int priority) {
  /** What a task has that says nothing. */
  public static final int USUAL = 0;

  private static final int LIMIT = 100;

  public TaskPriority {
    check(priority);
  }

  static void check(int priority) {
    if (Math.abs((long) priority) > LIMIT) {
      throw new InvalidFieldException(
          "priority", "'priority' must be -%1$d to %1$d, not %2$d".formatted(LIMIT, priority));
    }
  }
}
