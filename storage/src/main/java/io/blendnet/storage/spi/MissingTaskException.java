package io.blendnet.storage.spi;

import io.blendnet.domain.TaskName;

/**
 * A file, delivery, lease or message was to be stored for a task that is not there: it was removed
 * between the reading and the commit. Nothing of the commit is stored.
 */
public final class MissingTaskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String task;

  public MissingTaskException(TaskName task, String what) {
    super("Task '%s' is not in the store, so %s cannot be stored for it".formatted(task, what));
    this.task = task.value();
  }

  public TaskName task() {
    return new TaskName(task);
  }
}
