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
    return new TaskRow(
        row.name(),
        row.version() + 1,
        row.state(),
        row.created(),
        row.started(),
        row.ended(),
        row.config(),
        row.plan(),
        row.error(),
        row.preview(),
        row.render(),
        row.compose());
  }

  static TaskRow withConfig(TaskRow row, String config) {
    return new TaskRow(
        row.name(),
        row.version(),
        row.state(),
        row.created(),
        row.started(),
        row.ended(),
        config,
        row.plan(),
        row.error(),
        row.preview(),
        row.render(),
        row.compose());
  }

  static TaskRow withPlan(TaskRow row, String plan) {
    return new TaskRow(
        row.name(),
        row.version(),
        row.state(),
        row.created(),
        row.started(),
        row.ended(),
        row.config(),
        plan,
        row.error(),
        row.preview(),
        row.render(),
        row.compose());
  }

  /** A row in another state; the times and the reason follow from it. */
  static TaskRow withState(TaskRow row, TaskState state, Instant now, String reason) {
    boolean starts = state == TaskState.PENDING || state == TaskState.RUNNING;
    return new TaskRow(
        row.name(),
        row.version(),
        state,
        row.created(),
        starts ? row.started().or(() -> Optional.of(now)) : row.started(),
        starts ? Optional.empty() : Optional.of(now),
        row.config(),
        row.plan(),
        isTold(state, reason) ? Optional.of(reason) : Optional.empty(),
        row.preview(),
        row.render(),
        row.compose());
  }

  /** Whether the reason is news to the user: not where it was the user's own doing. */
  private static boolean isTold(TaskState state, String reason) {
    return state == TaskState.ERROR
        || (state == TaskState.STOPPED && !reason.equals(Farm.STOPPED_BY_USER));
  }

  static TaskRow withResults(
      TaskRow row, Optional<BlobId> preview, Optional<BlobId> render, Optional<BlobId> compose) {
    return new TaskRow(
        row.name(),
        row.version(),
        row.state(),
        row.created(),
        row.started(),
        row.ended(),
        row.config(),
        row.plan(),
        row.error(),
        preview,
        render,
        compose);
  }
}
