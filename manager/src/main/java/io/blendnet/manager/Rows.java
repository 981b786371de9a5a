package io.blendnet.manager;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.Farm;
import io.blendnet.domain.TaskState;
import io.blendnet.storage.spi.TaskRow;
import java.time.Instant;
import java.util.Optional;

/** Task rows made from others. */
final class Rows {
  private Rows() {}

  static TaskRow nextVersion(TaskRow row) {
    Draft draft = new Draft(row);
    draft.version++;
    return draft.row();
  }

  static TaskRow withConfig(TaskRow row, String config) {
    Draft draft = new Draft(row);
    draft.config = config;
    return draft.row();
  }

  static TaskRow withPlan(TaskRow row, String plan) {
    Draft draft = new Draft(row);
    draft.plan = plan;
    return draft.row();
  }

  static TaskRow withPriority(TaskRow row, int priority) {
    Draft draft = new Draft(row);
    draft.priority = priority;
    return draft.row();
  }

  static TaskRow withPaused(TaskRow row, boolean paused) {
    Draft draft = new Draft(row);
    draft.paused = paused;
    return draft.row();
  }

  /**
   * A row in another state; the times and the reason follow from it. A task that is stopped or ends
   * is no longer held back: who runs it again wants it to run.
   */
  static TaskRow withState(TaskRow row, TaskState state, Instant now, String reason) {
    boolean starts = state == TaskState.PENDING || state == TaskState.RUNNING;
    Draft draft = new Draft(row);
    draft.state = state;
    draft.started = starts ? row.started().or(() -> Optional.of(now)) : row.started();
    draft.ended = starts ? Optional.empty() : Optional.of(now);
    draft.error = isTold(state, reason) ? Optional.of(reason) : Optional.empty();
    draft.paused = starts && row.paused();
    return draft.row();
  }

  /** Whether the reason is news to the user: not where it was the user's own doing. */
  private static boolean isTold(TaskState state, String reason) {
    return state == TaskState.ERROR
        || (state == TaskState.STOPPED && !reason.equals(Farm.STOPPED_BY_USER));
  }

  static TaskRow withResults(
      TaskRow row, Optional<BlobId> preview, Optional<BlobId> render, Optional<BlobId> compose) {
    Draft draft = new Draft(row);
    draft.preview = preview;
    draft.render = render;
    draft.compose = compose;
    return draft.row();
  }

  /** A row being changed: name and creation stay. */
  private static final class Draft {
    private final TaskRow from;
    private long version;
    private TaskState state;
    private Optional<Instant> started;
    private Optional<Instant> ended;
    private String config;
    private String plan;
    private Optional<String> error;
    private Optional<BlobId> preview;
    private Optional<BlobId> render;
    private Optional<BlobId> compose;
    private int priority;
    private boolean paused;

    Draft(TaskRow from) {
      this.from = from;
      version = from.version();
      state = from.state();
      started = from.started();
      ended = from.ended();
      config = from.config();
      plan = from.plan();
      error = from.error();
      preview = from.preview();
      render = from.render();
      compose = from.compose();
      priority = from.priority();
      paused = from.paused();
    }

    TaskRow row() {
      return new TaskRow(
          from.name(),
          version,
          state,
          from.created(),
          started,
          ended,
          config,
          plan,
          error,
          preview,
          render,
          compose,
          priority,
          paused);
    }
  }
}
