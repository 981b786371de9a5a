package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskStatus;
import java.util.Optional;

/** One frame on its way, and the task that stands for it on the Manager. Of one thread. */
final class FrameJob {
  private final int frame;
  private final TaskName task;
  private Optional<TaskStatus> status = Optional.empty();
  private boolean settled;

  FrameJob(int frame, TaskName task) {
    this.frame = frame;
    this.task = task;
  }

  int frame() {
    return frame;
  }

  TaskName task() {
    return task;
  }

  void heard(TaskStatus news) {
    status = Optional.of(news);
  }

  Optional<TaskStatus> status() {
    return status;
  }

  TaskProgress progress() {
    return status.map(TaskStatus::progress).orElse(TaskProgress.NONE);
  }

  TaskState state() {
    return status.map(known -> known.task().state()).orElse(TaskState.CREATED);
  }

  /** Whether nothing more happens to the task. */
  boolean hasEnded() {
    return switch (state()) {
      case COMPLETED, STOPPED, ERROR -> true;
      case CREATED, PENDING, RUNNING -> false;
    };
  }

  /** Whether its result is saved or its failure is noted. */
  boolean isSettled() {
    return settled;
  }

  void settle() {
    settled = true;
  }

  Progress.Frame view() {
    TaskProgress progress = progress();
    return new Progress.Frame(
        frame,
        state(),
        status.map(known -> known.task().done()).orElse(0.0),
        progress.cellsStored(),
        progress.cells(),
        status.flatMap(TaskStatus::remaining),
        progress.phase(),
        progress.strategy().orElse(""));
  }
}
