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
 * @param created of tasks with one priority the oldest comes first
 * @param priority agents go to the highest first; 0 is usual
 * @param paused whether it waits until it is resumed
 * @param plan what an earlier run decided, where there was one
 * @param stored cells whose results an earlier run stored
 * @param leases of cells, that agents may still hold from before the Manager ended
 */
public record TaskSpec(
    TaskName name,
    String scene,
    int frame,
    Strategy strategy,
    int agentsLimit,
    Instant created,
    int priority,
    boolean paused,
    Optional<FramePlan> plan,
    List<Cell> stored,
    List<Lease> leases) {
  public TaskSpec {
    stored = List.copyOf(stored);
    leases = List.copyOf(leases);
    if (agentsLimit < 0) {
      throw new IllegalArgumentException("agentsLimit is 0 or more, not " + agentsLimit);
    }
    for (Lease lease : leases) {
      if (!(lease.work() instanceof Lease.Render) || !lease.task().equals(name)) {
        throw new IllegalArgumentException("%s is no lease of cells of %s".formatted(lease, name));
      }
    }
  }

  /** A task that is run for the first time, as usual. */
  public static TaskSpec fresh(
      TaskName name, String scene, int frame, Strategy strategy, int agentsLimit, Instant created) {
    return new TaskSpec(
        name,
        scene,
        frame,
        strategy,
        agentsLimit,
        created,
        0,
        false,
        Optional.empty(),
        List.of(),
        List.of());
  }

  /** The same task with what was done of it before. */
  public TaskSpec goingOn(Optional<FramePlan> known, List<Cell> done, List<Lease> held) {
    return new TaskSpec(
        name, scene, frame, strategy, agentsLimit, created, priority, paused, known, done, held);
  }

  /** The same task with another place in the queue. */
  public TaskSpec placed(int newPriority, boolean isPaused) {
    return new TaskSpec(
        name,
        scene,
        frame,
        strategy,
        agentsLimit,
        created,
        newPriority,
        isPaused,
        plan,
        stored,
        leases);
  }
}
