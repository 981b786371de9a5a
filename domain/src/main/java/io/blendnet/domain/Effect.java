package io.blendnet.domain;

import java.util.Set;

/** What the scheduler wants done, in this order, after the store has committed it. */
public sealed interface Effect {
  /** Send a lease to its agent. */
  record Grant(Lease lease) implements Effect {}

  /** Tell an agent to drop a lease with all that it has not delivered of it. */
  record Revoke(AgentName agent, LeaseId lease, int attempt) implements Effect {}

  /**
   * Ask an agent to give back cells of a lease that it has not begun. Its answer is expected as
   * {@link FarmEvent.CellsReturned}.
   *
   * @param cells their numbers in the lease
   */
  record Steal(AgentName agent, LeaseId lease, int attempt, Set<Integer> cells) implements Effect {
    public Steal {
      cells = Set.copyOf(cells);
    }
  }

  /** Nothing of a lease with cells is awaited any more: whoever keeps a record of it may stop. */
  record Forget(AgentName agent, LeaseId lease) implements Effect {}

  /**
   * The strategy for a task is decided. Comes again when nothing has been rendered yet and all
   * agents that know the scene by an earlier plan are gone.
   */
  record Plan(TaskName task, FramePlan plan) implements Effect {}

  /**
   * A cell counts: its result is part of the frame.
   *
   * @param attempt that of the lease; a new one where the lease had run out and the cell was
   *     adopted
   */
  record Keep(Lease lease, int number, Cell cell, int attempt) implements Effect {}

  /** A result is not wanted: its lease is not live, has another attempt, or it is in doubt. */
  record Drop(AgentName agent, LeaseId lease, int attempt) implements Effect {}

  /** All cells are stored: assemble the frame. */
  record Assemble(TaskName task) implements Effect {}

  /** A task is in another state. */
  record Enter(TaskName task, TaskState state, String reason) implements Effect {}

  /** Something that the user should find in the task's messages. */
  record Note(TaskName task, String message) implements Effect {}

  /** An agent gets no more work of any task until it is started anew. */
  record SetAside(AgentName agent, String reason) implements Effect {}

  /** A rented agent is not needed: have it end, and take it out. */
  record GiveBack(AgentName agent, String reason) implements Effect {}
}
