package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.blendnet.domain.TaskState;
import java.time.Instant;
import java.util.Optional;

/**
 * What {@code GET task/{name}} says about a task.
 *
 * @param name the task's name
 * @param startTime when it was first run
 * @param endTime when it was completed, stopped or given up
 * @param frame Blender's frame number, once configured
 * @param done share of the frame that is stored, 0 to 1
 * @param priority how urgent it is, -100 to 100; see {@link TaskPriority}
 * @param paused whether nothing new is begun of it until it is resumed, whatever its state
 * @param waiting why nothing is done for a pending or running task, in words; absent while
 *     something is
 * @param stateErrorInfo why it was given up: a sentence for the user
 */
public record TaskInfo(
    String name,
    Instant createTime,
    Optional<Instant> startTime,
    Optional<Instant> endTime,
    TaskState state,
    Optional<Integer> frame,
    double done,
    int priority,
    boolean paused,
    Optional<String> waiting,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> stateErrorInfo) {
  public TaskInfo {
    if (!(done >= 0 && done <= 1)) {
      throw new IllegalArgumentException("A share is 0 to 1, not " + done);
    }
  }
}
