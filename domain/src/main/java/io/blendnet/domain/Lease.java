package io.blendnet.domain;

import java.util.List;

/**
 * Work given to an agent. Reports on it count only while it is live, and only with its attempt.
 *
 * @param attempt which attempt at this work this is, from 1
 */
public record Lease(LeaseId id, TaskName task, AgentName agent, int attempt, Work work) {
  /** What is to be done. */
  public sealed interface Work {}

  /** Open the scene and report its facts. */
  public record Open() implements Work {}

  /** Render cells in this order. */
  public record Render(List<Cell> cells, FrameCut cut) implements Work {
    public Render {
      cells = List.copyOf(cells);
    }
  }

  /** Make the final picture from the assembled frame. */
  public record Compose() implements Work {}
}
