package io.blendnet.agent;

import io.blendnet.protocol.WorkStep;

/**
 * What the worker is doing.
 *
 * @param opening whether the scene is being opened for the step
 * @param since when it began that, by {@link System#nanoTime()}
 */
record StepInProgress(TakenLease lease, WorkStep step, boolean opening, long since) {
  static StepInProgress opening(TakenLease lease, WorkStep step) {
    return new StepInProgress(lease, step, true, System.nanoTime());
  }

  static StepInProgress working(TakenLease lease, WorkStep step) {
    return new StepInProgress(lease, step, false, System.nanoTime());
  }
}
