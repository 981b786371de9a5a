package io.blendnet.storage.spi;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * One page of tasks, ordered by name.
 *
 * @param states tasks in one of these
 * @param after the last name of the page before
 * @param limit rows at most, 1 to {@value #MOST}
 */
public record TaskQuery(Set<TaskState> states, Optional<TaskName> after, int limit) {
  /** Largest page. */
  public static final int MOST = 1_000;

  public TaskQuery {
    states = Set.copyOf(states);
    if (limit < 1 || limit > MOST) {
      throw new IllegalArgumentException("A page has 1 to %d rows, not %d".formatted(MOST, limit));
    }
  }

  /** The first page of all tasks. */
  public static TaskQuery all(int limit) {
    return new TaskQuery(EnumSet.allOf(TaskState.class), Optional.empty(), limit);
  }

  /** The first page of the tasks in these states. */
  public static TaskQuery in(Set<TaskState> states, int limit) {
    return new TaskQuery(states, Optional.empty(), limit);
  }

  /** The page that follows one that ended with this name. */
  public TaskQuery following(TaskName last) {
    return new TaskQuery(states, Optional.of(last), limit);
  }
}
