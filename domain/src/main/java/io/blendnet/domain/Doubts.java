package io.blendnet.domain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cells of a task that look as if their agent were out of order: black, or full of numbers that are
 * none. A scene may really look so; an agent whose graphics card fails delivers the same. Such a
 * cell does not count until other agents have rendered the place too, which may have been cut finer
 * meanwhile. An agent that was confirmed once is believed when its cells look so again, so that a
 * scene with a black half is not rendered twice.
 */
final class Doubts {
  /** An agent whose cell turned out to be wrong. */
  record Refuted(AgentName agent, Cell cell) {}

  private record Trust(AgentName agent, CellLooks looks) {}

  /** A cell that waits for others, and how much of it they have not rendered. */
  private static final class Doubt {
    final Cell cell;
    final CellLooks looks;
    long untold;

    Doubt(Cell cell, CellLooks looks) {
      this.cell = cell;
      this.looks = looks;
      this.untold = cell.work();
    }

    /**
     * Whether another cell tells something. Other samples tell nothing: a dark place may be black
     * in the first few of them.
     */
    boolean isToldBy(Cell other) {
      return cell.tile().contains(other.tile()) && cell.samples().overlaps(other.samples());
    }

    void confirm(Cell part) {
      int first = Math.max(cell.samples().first(), part.samples().first());
      int end = Math.min(cell.samples().end(), part.samples().end());
      untold -= part.tile().area() * (end - first);
    }
  }

  private final Map<AgentName, List<Doubt>> doubted = new LinkedHashMap<>();
  private final Set<Trust> trusted = new HashSet<>();

  boolean isEmpty() {
    return doubted.isEmpty();
  }

  /** Whether an agent's cell waits for another's; it gets no more of the task meanwhile. */
  boolean isDoubted(AgentName agent) {
    return doubted.containsKey(agent);
  }

  boolean isTrusted(AgentName agent, CellLooks looks) {
    return trusted.contains(new Trust(agent, looks));
  }

  void doubt(AgentName agent, Cell cell, CellLooks looks) {
    doubted.computeIfAbsent(agent, _ -> new ArrayList<>()).add(new Doubt(cell, looks));
  }

  /**
   * An agent's cell looks strange. Where all of a doubted cell of another agent looks so on others,
   * that one is trusted; this one is where it agrees with another.
   *
   * @return whether it agrees with another
   */
  boolean confirm(AgentName by, Cell cell, CellLooks looks) {
    Set<AgentName> agreeing = new HashSet<>();
    doubted.forEach((agent, doubts) -> {
      for (Doubt doubt : doubts) {
        if (!agent.equals(by) && doubt.looks == looks && doubt.isToldBy(cell)) {
          doubt.confirm(cell);
          agreeing.add(by);
          if (doubt.untold <= 0) {
            agreeing.add(agent);
          }
        }
      }
    });
    agreeing.forEach(agent -> trust(agent, looks));
    return !agreeing.isEmpty();
  }

  /** An agent's cell looks fine: which doubted cells of others that proves wrong. */
  List<Refuted> refute(AgentName by, Cell cell) {
    List<Refuted> refuted = new ArrayList<>();
    doubted.forEach((agent, doubts) -> {
      if (!agent.equals(by)) {
        doubts.stream()
            .filter(doubt -> doubt.isToldBy(cell))
            .findFirst()
            .ifPresent(doubt -> refuted.add(new Refuted(agent, doubt.cell)));
      }
    });
    refuted.forEach(wrong -> doubted.remove(wrong.agent()));
    return refuted;
  }

  /** Nobody else can tell: all agents are believed. */
  void trustAll() {
    doubted.forEach(
        (agent, doubts) -> doubts.forEach(doubt -> trusted.add(new Trust(agent, doubt.looks))));
    doubted.clear();
  }

  private void trust(AgentName agent, CellLooks looks) {
    trusted.add(new Trust(agent, looks));
    List<Doubt> doubts = doubted.getOrDefault(agent, new ArrayList<>());
    doubts.removeIf(doubt -> doubt.looks == looks);
    if (doubts.isEmpty()) {
      doubted.remove(agent);
    }
  }

  void forget(AgentName agent) {
    doubted.remove(agent);
    trusted.removeIf(trust -> trust.agent().equals(agent));
  }
}
