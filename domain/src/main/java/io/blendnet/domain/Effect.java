package io.blendnet.domain;

/** What the scheduler wants done, in this order, after the store has committed it. */
public sealed interface Effect {
  /** Send a lease to its agent. */
  record Grant(Lease lease) implements Effect {}

  /** Tell an agent to drop a lease. */
  record Revoke(Lease lease) implements Effect {}

  /**
   * The strategy for a task is decided. Comes again when nothing has been rendered yet and all
   * agents that know the scene by an earlier plan are gone.
   */
  record Plan(TaskName task, FramePlan plan) implements Effect {}

  /** A cell counts: its result is part of the frame. */
  record Keep(Lease lease, int number, Cell cell) implements Effect {}

  /** A result is not wanted: its lease is not live, or has another attempt. */
  record Drop(AgentName agent, LeaseId lease, int attempt) implements Effect {}

  /** All cells are stored: assemble the frame. */
  record Assemble(TaskName task) implements Effect {}

  /** A task is in another state. */
  record Enter(TaskName task, TaskState state, String reason) implements Effect {}

  /** Something that the user should find in the task's messages. */
  record Note(TaskName task, String message) implements Effect {}
}
