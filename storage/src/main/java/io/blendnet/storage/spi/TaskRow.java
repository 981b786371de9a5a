package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import java.time.Instant;
import java.util.Optional;

/**
 * A task as stored.
 *
 * @param version 1 when created, one more with every update
 * @param started when it was first worked on
 * @param ended when it reached a last state or was stopped
 * @param config JSON; the store does not look inside
 * @param plan JSON; the store does not look inside
 * @param error why the task is in error, a sentence for the user
 * @param preview result of API v1
 * @param render assembled frame
 * @param compose final picture
 * @param priority the higher goes first; 0 unless the user says otherwise
 * @param paused whether the user holds it back for now; its state stays
 */
public record TaskRow(
    TaskName name,
    long version,
    TaskState state,
    Instant created,
    Optional<Instant> started,
    Optional<Instant> ended,
    String config,
    String plan,
    Optional<String> error,
    Optional<BlobId> preview,
    Optional<BlobId> render,
    Optional<BlobId> compose,
    int priority,
    boolean paused) {
  public TaskRow {
    if (version < 1) {
      throw new IllegalArgumentException("Versions of a task begin with 1, not " + version);
    }
  }
}
