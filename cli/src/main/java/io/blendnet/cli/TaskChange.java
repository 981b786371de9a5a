package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A change that a user makes to tasks.
 *
 * @param done what a task is afterwards, in words
 * @param matter which tasks there is something to be done to
 */
record TaskChange(String done, Predicate<TaskInfo> matter, Call call) {
  static final TaskChange PAUSE =
      new TaskChange(
          "paused",
          task -> !task.paused() && (task.state() == TaskState.CREATED || isActive(task)),
          ManagerClient::pause);

  static final TaskChange RESUME =
      new TaskChange("resumed", TaskInfo::paused, ManagerClient::resume);

  static final TaskChange STOP =
      new TaskChange("stopped", TaskChange::isActive, ManagerClient::stop);

  static final TaskChange RUN =
      new TaskChange(
          "ready to run",
          task -> task.state().mayBecome(TaskState.PENDING) && !isActive(task),
          ManagerClient::run);

  static final TaskChange REMOVE =
      new TaskChange("removed", task -> !isActive(task), ManagerClient::remove);

  /** Asks the Manager for it. */
  @FunctionalInterface
  interface Call {
    void on(ManagerClient manager, TaskName task) throws FarmException, InterruptedException;
  }

  static TaskChange prioritize(TaskPriority priority) {
    return new TaskChange(
        "of priority " + priority.priority(),
        task -> task.state() != TaskState.COMPLETED,
        (manager, task) -> manager.prioritize(task, priority));
  }

  private static boolean isActive(TaskInfo task) {
    return task.state().isActive();
  }

  /**
   * Makes the change to each of the tasks; one that the Manager refuses does not keep the others.
   */
  ExitCode make(ManagerClient manager, List<TaskName> tasks, FarmCall out)
      throws FarmException, InterruptedException {
    ExitCode exitCode = ExitCode.DONE;
    for (TaskName task : tasks) {
      try {
        call.on(manager, task);
        out.tell("changed", Map.of("name", task.value(), "done", done));
        if (!out.json()) {
          System.out.printf("%s: %s%n", task, done);
        }
      } catch (FarmException.Refused e) {
        exitCode = ExitCode.FAILED;
        String message = String.valueOf(e.getMessage());
        out.tell("refused", Map.of("name", task.value(), "error", message));
        System.err.println("blendnet: " + message);
      }
    }
    return exitCode;
  }
}
