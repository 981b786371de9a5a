package io.blendnet.domain;

import java.util.List;

/** What the scheduler is told. */
public sealed interface FarmEvent {
  /** A task was run: it is pending from now on. */
  record TaskReady(TaskSpec task) implements FarmEvent {}

  /** The user stopped a task; stored samples are kept. */
  record TaskStopped(TaskName task) implements FarmEvent {}

  /**
   * An agent answers. One that was known under this name has started anew or was out of reach: its
   * leases are void.
   *
   * @param cores CPU cores that it renders with, at least 1
   */
  record AgentJoined(AgentName agent, int cores) implements FarmEvent {
    public AgentJoined {
      if (cores < 1) {
        throw new IllegalArgumentException(
            "Agent %s says that it renders with %d cores".formatted(agent, cores));
      }
    }
  }

  /** An agent is out of reach, or was taken out. */
  record AgentLeft(AgentName agent, String reason) implements FarmEvent {}

  /** A scene is open in an agent's session. */
  record SceneOpened(AgentName agent, LeaseId lease, int attempt, SceneFacts facts)
      implements FarmEvent {}

  /**
   * The result of a cell arrived, was checked and lies in the blob store.
   *
   * @param cell its number in the lease
   */
  record CellArrived(AgentName agent, LeaseId lease, int attempt, int cell, CellTimings timings)
      implements FarmEvent {}

  /** A lease failed; the agent takes no further step of it. */
  record LeaseFailed(
      AgentName agent, LeaseId lease, int attempt, FailureKind failure, String message)
      implements FarmEvent {}

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
}
