package io.blendnet.protocol;

import java.util.List;

/**
 * A lease as the Manager sends it to an agent: {@code PUT work/lease/{lease}}. Sending the same
 * order again is a success and changes nothing.
 *
 * @param farm id of the farm whose Manager sends it
 * @param task name of the task
 * @param lease number of the lease, from 1
 * @param attempt which attempt at this work this is, from 1; comes back in every report
 * @param frame Blender's frame number
 * @param scene the scene to open
 * @param steps what to do, in order
 */
public record LeaseOrder(
    String farm,
    String task,
    long lease,
    int attempt,
    int frame,
    SceneOrder scene,
    List<WorkStep> steps) {
  public LeaseOrder {
    steps = List.copyOf(steps);
  }
}
