package io.blendnet.domain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cells of a task in doubtful looks, by the witness's books. */
final class BookedDoubts {
  /** A cell in doubtful looks, and those of others that show its place. */
  private record Doubt(Cell cell, CellLooks looks, Set<Cell> told) {
    Doubt(Cell cell, CellLooks looks) {
      this(cell, looks, new LinkedHashSet<>());
    }

    /** Whether a cell shows something of the place, by the same samples. */
    boolean isToldBy(Cell other) {
      return cell.tile().contains(other.tile()) && cell.samples().overlaps(other.samples());
    }

    boolean isToldByAll() {
      long work = 0;
      for (Cell part : told) {
        SampleSet samples = SampleSet.of(part.samples()).within(cell.samples());
        work += part.tile().area() * samples.count();
      }
      return work >= cell.work();
    }
  }

  /** An agent whose cells are believed though they look so. */
  private record Trust(AgentName agent, CellLooks looks) {}

  private final Map<AgentName, List<Doubt>> doubted = new LinkedHashMap<>();

  /** Agents in doubt, and those that were when nobody else could tell. */
  private final Set<AgentName> everDoubted = new HashSet<>();

  private final Set<Trust> trusted = new HashSet<>();

  /** Whether it is not known who is believed: it depends on more than these books tell. */
  private boolean isUnsure;

  boolean isUnsure() {
    return isUnsure;
  }

  void beUnsure() {
    isUnsure = true;
  }

  boolean isEmpty() {
    return doubted.isEmpty();
  }

  boolean concern(AgentName agent) {
    return doubted.containsKey(agent);
  }

  /** Whether an agent is in doubt, or was until nobody else could tell. */
  boolean hasEverConcerned(AgentName agent) {
    return everDoubted.contains(agent);
  }

  void add(AgentName agent, Cell cell, CellLooks looks) {
    doubted.computeIfAbsent(agent, _ -> new ArrayList<>()).add(new Doubt(cell, looks));
    everDoubted.add(agent);
  }

  /** A cell that looks fine counts: whoever's cell looked otherwise there was wrong. */
  void refute(AgentName by, Cell cell) {
    doubted
        .entrySet()
        .removeIf(entry ->
            !entry.getKey().equals(by)
                && entry.getValue().stream().anyMatch(doubt -> doubt.isToldBy(cell)));
  }

  /**
   * A cell in doubtful looks counts.
   *
   * @return whether it is known why: its agent is believed, or agrees with another
   */
  boolean confirm(AgentName by, Cell cell, CellLooks looks) {
    Set<AgentName> confirmed = new LinkedHashSet<>();
    doubted.forEach((agent, doubts) -> {
      for (Doubt doubt : doubts) {
        if (!agent.equals(by) && doubt.looks == looks && doubt.isToldBy(cell)) {
          doubt.told.add(cell);
          confirmed.add(by);
          if (doubt.isToldByAll()) {
            confirmed.add(agent);
          }
        }
      }
    });
    confirmed.forEach(agent -> trust(agent, looks));
    return trusted.contains(new Trust(by, looks));
  }

  private void trust(AgentName agent, CellLooks looks) {
    trusted.add(new Trust(agent, looks));
    List<Doubt> doubts = doubted.getOrDefault(agent, new ArrayList<>());
    doubts.removeIf(doubt -> doubt.looks == looks);
    if (doubts.isEmpty()) {
      doubted.remove(agent);
      everDoubted.remove(agent);
    }
  }

  /** Nobody else can tell. */
  void trustAll() {
    doubted.forEach(
        (agent, doubts) -> doubts.forEach(doubt -> trusted.add(new Trust(agent, doubt.looks))));
    doubted.clear();
  }

  void forget(AgentName agent) {
    doubted.remove(agent);
    everDoubted.remove(agent);
    trusted.removeIf(trust -> trust.agent.equals(agent));
  }

  void clear() {
    doubted.clear();
    everDoubted.clear();
    trusted.clear();
    isUnsure = false;
  }
}
