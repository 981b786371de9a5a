package io.blendnet.domain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Cells of a task that look as if their agent were out of order: black, or full of numbers that are
 * none. A scene may really look so; an agent whose graphics card fails delivers the same. Such a
 * cell does not count until another agent has rendered the place too. An agent that was confirmed
 * once is believed when its cells look so again, so that a scene with a black half is not rendered
 * twice.
 */
final class Doubts {
  /** An agent whose cell turned out to be wrong. */
  record Refuted(AgentName agent, Cell cell) {}

  private record Doubt(Cell cell, CellLooks looks) {}

  private record Trust(AgentName agent, CellLooks looks) {}

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
   * Another agent's cell looks the same, be it of other samples.
   *
   * @return whether it confirms a doubted one; both agents are trusted then
   */
  boolean confirm(AgentName by, Cell cell, CellLooks looks) {
    Optional<Refuted> confirmed =
        find(by, doubt -> doubt.looks == looks && doubt.cell.tile().contains(cell.tile()));
    confirmed.ifPresent(other -> {
      trust(other.agent(), looks);
      trust(by, looks);
    });
    return confirmed.isPresent();
  }

  /**
   * Another agent's cell looks fine: whose doubted cell that proves wrong. Other samples prove
   * nothing: a dark place may be black in the first few of them.
   */
  Optional<Refuted> refute(AgentName by, Cell cell) {
    Optional<Refuted> refuted =
        find(
            by,
            doubt ->
                doubt.cell.tile().contains(cell.tile())
                    && doubt.cell.samples().overlaps(cell.samples()));
    refuted.ifPresent(wrong -> doubted.remove(wrong.agent()));
    return refuted;
  }

  private Optional<Refuted> find(AgentName by, Predicate<Doubt> wanted) {
    for (Map.Entry<AgentName, List<Doubt>> entry : doubted.entrySet()) {
      if (entry.getKey().equals(by)) {
        continue;
      }
      for (Doubt doubt : entry.getValue()) {
        if (wanted.test(doubt)) {
          return Optional.of(new Refuted(entry.getKey(), doubt.cell));
        }
      }
    }
    return Optional.empty();
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
    trusted.removeIf(trust -> trust.agent.equals(agent));
  }
}
