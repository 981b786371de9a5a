package io.blendnet.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A task as the scheduler sees it.
 *
 * @param scene tasks with an equal key render frames of one project with the same settings, and can
 *     share an agent's session
 * @param frame Blender's frame number
 * @param agentsLimit most agents that may work on it at a time; 0: as many as there are
 * @param plan what an earlier run decided, where there was one
 * @param stored cells whose results an earlier run stored
 */
public record TaskSpec(
    TaskName name,
    String scene,
    int frame,
    Strategy strategy,
    int agentsLimit,
    Instant created,
    Optional<FramePlan> plan,
    List<Cell> stored) {
  public TaskSpec {
    stored = List.copyOf(stored);
    if (agentsLimit < 0) {
      throw new IllegalArgumentException("agentsLimit is 0 or more, not " + agentsLimit);
    }
  }
}
