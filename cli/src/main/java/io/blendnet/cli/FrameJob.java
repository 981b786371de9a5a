package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One frame on its way, and the task that stands for it on the Manager. Of one thread. */
final class FrameJob {
  private final int frame;
  private final TaskName task;
  private final Map<String, TaskProgress.AgentShare> parts = new TreeMap<>();
  private Optional<Instant> sent = Optional.empty();
  private Optional<TaskStatus> status = Optional.empty();
  private double done;
  private long cellsDone;
  private long cells;
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

  /** The Manager has it and was told to run it. */
  void sentAt(Instant now) {
    sent = Optional.of(now);
  }

  /** How long ago it was sent; the Manager's own times are whole seconds. */
  Duration age(Instant now) {
    return sent.map(then -> Duration.between(then, now)).orElse(Duration.ZERO);
  }

  void heard(TaskStatus news) {
    status = Optional.of(news);
    done = news.task().done();
    cellsDone = news.progress().cellsStored();
    cells = Math.max(news.progress().cells(), cellsDone);
    // The Manager tells of those who are at it; what the others did before stays done.
    parts.replaceAll(
        (name, part) -> new TaskProgress.AgentShare(name, part.done(), part.cellsStored(), ""));
    news.progress().agents().forEach(part -> parts.put(part.agent(), part));
  }

  /** What each agent has done and does, of all that took part. */
  Collection<TaskProgress.AgentShare> parts() {
    return parts.values();
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
        done,
        cellsDone,
        cells,
        status.flatMap(TaskStatus::remaining),
        progress.phase(),
        progress.strategy().orElse(""));
  }
}
