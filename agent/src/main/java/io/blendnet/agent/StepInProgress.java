package io.blendnet.agent;

import io.blendnet.protocol.WorkStep;

/**
 * What the worker is doing.
 *
 * @param opening whether the scene is being opened for the step
 */
record StepInProgress(TakenLease lease, WorkStep step, boolean opening) {}
