package io.blendnet.domain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Cells of a task that look as if their agent were out of order: black, or full of numbers that are
 * none. A scene may really look so; an agent whose graphics card fails delivers the same. Such a
 * cell does not count until another agent has rendered the place too. An agent that was confirmed
 * once is believed from then on, so that a scene with a black half is not rendered twice.
 */
final class Doubts {
  /** An agent whose cell turned out to be wrong. */
  record Refuted(AgentName agent, Cell cell) {}

  private final Map<AgentName, List<Cell>> doubted = new LinkedHashMap<>();
  private final Set<AgentName> trusted = new HashSet<>();

  boolean isEmpty() {
    return doubted.isEmpty();
  }

  /** Whether an agent's cell waits for another's; it gets no more of the task meanwhile. */
  boolean isDoubted(AgentName agent) {
    return doubted.containsKey(agent);
  }

  Set<AgentName> doubted() {
    return Set.copyOf(doubted.keySet());
  }

  boolean isTrusted(AgentName agent) {
    return trusted.contains(agent);
  }

  void doubt(AgentName agent, Cell cell) {
    doubted.computeIfAbsent(agent, _ -> new ArrayList<>()).add(cell);
  }

  /**
   * Another agent's cell looks the same.
   *
   * @return whether it confirms a doubted one; both agents are trusted then
   */
  boolean confirm(AgentName by, Cell cell) {
    Optional<AgentName> confirmed = doubtedAt(by, cell).map(Refuted::agent);
    confirmed.ifPresent(agent -> {
      trust(agent);
      trust(by);
    });
    return confirmed.isPresent();
  }

  /** Another agent's cell looks fine: whose doubted cell that proves wrong. */
  Optional<Refuted> refute(AgentName by, Cell cell) {
    Optional<Refuted> refuted = doubtedAt(by, cell);
    refuted.ifPresent(wrong -> doubted.remove(wrong.agent()));
    return refuted;
  }

  /** A doubted cell of another agent that holds all of this cell. */
  private Optional<Refuted> doubtedAt(AgentName by, Cell cell) {
    for (Map.Entry<AgentName, List<Cell>> entry : doubted.entrySet()) {
      if (entry.getKey().equals(by)) {
        continue;
      }
      for (Cell doubtful : entry.getValue()) {
        if (doubtful.tile().contains(cell.tile())) {
          return Optional.of(new Refuted(entry.getKey(), doubtful));
        }
      }
    }
    return Optional.empty();
  }

  /** Nobody else can tell: the agent is believed. */
  void trust(AgentName agent) {
    doubted.remove(agent);
    trusted.add(agent);
  }

  void forget(AgentName agent) {
    doubted.remove(agent);
    trusted.remove(agent);
  }
}
