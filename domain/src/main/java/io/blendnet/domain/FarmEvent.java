package io.blendnet.domain;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What the scheduler is told. */
public sealed interface FarmEvent {
  /** A task was run: it is pending from now on. */
  record TaskReady(TaskSpec task) implements FarmEvent {}

  /** The user stopped a task; stored samples are kept. */
  record TaskStopped(TaskName task) implements FarmEvent {}

  /** The user paused a task: no agent begins a cell of it until it is resumed. */
  record TaskPaused(TaskName task) implements FarmEvent {}

  /** The user resumed a paused task. */
  record TaskResumed(TaskName task) implements FarmEvent {}

  /** A task has another priority: agents go to the highest first. */
  record TaskPrioritized(TaskName task, int priority) implements FarmEvent {}

  /**
   * An agent answers, for the first time or again.
   *
   * @param held all leases that it holds; what it does not hold of its live leases is open again
   */
  record AgentJoined(AgentName agent, AgentMachine machine, List<HeldLease> held)
      implements FarmEvent {
    public AgentJoined {
      held = List.copyOf(held);
    }
  }

  /** An agent is out of reach, or was taken out. */
  record AgentAway(AgentName agent, Absence absence, String reason) implements FarmEvent {}

  /** An agent is about to end: it delivers what it has, but begins nothing more. */
  record AgentTerminating(AgentName agent, String reason) implements FarmEvent {}

  /** A scene is open in an agent's session. */
  record SceneOpened(AgentName agent, LeaseId lease, int attempt, SceneFacts facts)
      implements FarmEvent {}

  /**
   * The result of a cell arrived, was checked and lies in the blob store.
   *
   * @param cell its number in the lease
   */
  record CellArrived(
      AgentName agent, LeaseId lease, int attempt, int cell, CellTimings timings, CellLooks looks)
      implements FarmEvent {}

  /**
   * An agent has given cells back that it had not begun: as the answer to a steal, which may be
   * that there were none, or because it is about to end.
   *
   * @param cells their numbers in the lease; none for a lease that opens or composes, which is over
   */
  record CellsReturned(AgentName agent, LeaseId lease, int attempt, Set<Integer> cells)
      implements FarmEvent {
    public CellsReturned {
      cells = Set.copyOf(cells);
    }
  }

  /**
   * A lease failed; the agent takes no further step of it.
   *
   * @param lines the most telling lines of Blender's output
   */
  record LeaseFailed(
      AgentName agent,
      LeaseId lease,
      int attempt,
      FailureKind failure,
      String message,
      List<String> lines)
      implements FarmEvent {
    public LeaseFailed {
      lines = List.copyOf(lines);
    }
  }

  /** The assembled frame lies in the blob store. */
  record FrameAssembled(TaskName task) implements FarmEvent {}

  /**
   * The frame could not be assembled: these stored cells proved bad and are void. Each is named as
   * it was kept or restored; where none of them is, rendering again would not help and the task
   * ends.
   */
  record CellsProvedBad(TaskName task, List<Cell> cells, String message) implements FarmEvent {}

  /**
   * The Manager itself cannot go on with a task: its disk is full, say. The task stops and keeps
   * what is stored, so that it can be run again once there is room.
   */
  record TaskBroke(TaskName task, String message) implements FarmEvent {}

  /** The final picture lies in the blob store. */
  record PictureArrived(AgentName agent, LeaseId lease, int attempt) implements FarmEvent {}

  /**
   * Time has passed.
   *
   * @param up how long the Manager has been up and listening since this farm began; never less than
   *     before
   */
  record TimePassed(Duration up) implements FarmEvent {}
}
