package io.blendnet.storage.spi;

import io.blendnet.domain.TaskName;

/**
 * A change was made for a task as it no longer is: somebody else changed, removed or created it
 * between the reading and the commit. Nothing of the commit is stored. With one Manager on a store
 * this is a bug; with two it is the race that the version is there to catch.
 */
public final class StaleVersionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The version of a task that is not there. */
  public static final long ABSENT = 0;

  private final String task;
  private final long expected;
  private final long found;

  /**
   * Names the race.
   *
   * @param expected version that the change was made for; {@link #ABSENT}: there should be none
   * @param found version in the store; {@link #ABSENT}: there is none
   */
  public StaleVersionException(TaskName task, long expected, long found) {
    super(
        "Task '%s' was changed by somebody else: a change was made for %s, but the store has %s"
            .formatted(task, describe(expected), describe(found)));
    this.task = task.value();
    this.expected = expected;
    this.found = found;
  }

  public TaskName task() {
    return new TaskName(task);
  }

  public long expected() {
    return expected;
  }

  public long found() {
    return found;
  }

  private static String describe(long version) {
    return version == ABSENT ? "no such task" : "its version " + version;
  }
}
