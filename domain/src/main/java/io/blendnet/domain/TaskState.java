package io.blendnet.domain;

import java.util.Set;

/** States of a task, by the names of API v1. */
public enum TaskState {
  /** Files and configuration may still change. */
  CREATED,
  /** Waits for an agent. */
  PENDING,
  /** An agent works on it, or its result is being finished. */
  RUNNING,
  /** Stopped by the user; the samples done are kept. */
  STOPPED,
  /** The picture is there. */
  COMPLETED,
  /** Given up, with a reason; the samples done are kept, and it can be run again. */
  ERROR;

  /** The states that may follow this one. */
  public Set<TaskState> next() {
    return switch (this) {
      case CREATED -> Set.of(PENDING);
      case PENDING -> Set.of(RUNNING, STOPPED, ERROR);
      case RUNNING -> Set.of(PENDING, STOPPED, COMPLETED, ERROR);
      case STOPPED, ERROR -> Set.of(PENDING);
      case COMPLETED -> Set.of();
    };
  }

  public boolean mayBecome(TaskState other) {
    return next().contains(other);
  }

  /** Whether the scheduler has something to do for it. */
  public boolean isActive() {
    return this == PENDING || this == RUNNING;
  }
}
