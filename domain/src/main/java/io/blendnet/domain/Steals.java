package io.blendnet.domain;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Finds out which cells of another agent's lease an idle agent should have. Agents render their
 * cells in order, so cells go from the rear, as many as let both get done at the same time.
 */
final class Steals {
  /** A steal whose gain is below this costs more in messages than it brings. */
  private static final double SMALLEST_GAIN_SECONDS = 0.5;

  /** How long an agent is assumed to take until it has opened a scene. */
  private static final double OPENING_SECONDS = 3;

  /** What is to be stolen, and from whom. */
  record Loot(AgentWork holder, LiveLease from, Set<Integer> cells) {}

  /**
   * A lease that cells can be stolen from.
   *
   * @param seconds until its holder is done with all that it has
   */
  private record Candidate(AgentWork holder, LiveLease lease, int priority, double seconds) {
    /** The largest of the highest priority. */
    static final Comparator<Candidate> BEST_FIRST =
        Comparator.comparingInt(Candidate::priority)
            .thenComparingDouble(Candidate::seconds)
            .reversed()
            .thenComparing(candidate -> candidate.lease.task, TaskWork.OLDEST_FIRST)
            .thenComparing(candidate -> candidate.holder.name);
  }

  private final Map<AgentName, AgentWork> agents;
  private final Decision decision;
  private final Pace pace;

  // Kept, and looked at again where an agent has changed, so that a search costs no look at all.
  private final Map<AgentWork, List<Candidate>> byHolder = new HashMap<>();
  private final Map<TaskWork, NavigableSet<Candidate>> byTask = new HashMap<>();

  /** The best of each task. */
  private final NavigableSet<Candidate> best = new TreeSet<>(Candidate.BEST_FIRST);

  Steals(Map<AgentName, AgentWork> agents, Decision decision, Pace pace) {
    this.agents = agents;
    this.decision = decision;
    this.pace = pace;
  }

  /**
   * The rear of the largest remaining lease, of the tasks of the highest priority.
   *
   * @param may whether the thief may have something of a task
   */
  Optional<Loot> find(AgentWork thief, Predicate<TaskWork> may) {
    weigh();
    for (Candidate first : best) {
      TaskWork task = first.lease.task;
      if (!may.test(task)) {
        continue;
      }
      for (Candidate candidate : byTask.getOrDefault(task, Collections.emptyNavigableSet())) {
        if (candidate.holder != thief) {
          return loot(thief, candidate);
        }
      }
    }
    return Optional.empty();
  }

  /** Looks at what has changed since it last looked. */
  void weigh() {
    decision.unweighed.forEach(this::weigh);
    decision.unweighed.clear();
  }

  private void weigh(AgentWork holder) {
    List<Candidate> before = byHolder.remove(holder);
    if (before != null) {
      before.forEach(this::remove);
    }
    List<Candidate> found = candidates(holder);
    if (!found.isEmpty()) {
      byHolder.put(holder, found);
      found.forEach(this::add);
    }
  }

  private void add(Candidate candidate) {
    NavigableSet<Candidate> ofTask =
        byTask.computeIfAbsent(candidate.lease.task, _ -> new TreeSet<>(Candidate.BEST_FIRST));
    if (!ofTask.isEmpty()) {
      best.remove(ofTask.first());
    }
    ofTask.add(candidate);
    best.add(ofTask.first());
  }

  private void remove(Candidate candidate) {
    NavigableSet<Candidate> ofTask = byTask.get(candidate.lease.task);
    if (ofTask == null) {
      return;
    }
    best.remove(ofTask.first());
    ofTask.remove(candidate);
    if (ofTask.isEmpty()) {
      byTask.remove(candidate.lease.task);
    } else {
      best.add(ofTask.first());
    }
  }

  /** The holder's last lease of each task that has cells which it may not have begun. */
  private List<Candidate> candidates(AgentWork holder) {
    if (holder.presence != AgentWork.Presence.HERE || agents.get(holder.name) != holder) {
      return List.of();
    }
    Map<TaskWork, LiveLease> rear = new LinkedHashMap<>();
    boolean isFirst = true;
    for (LiveLease live : holder.leases.values()) {
      int begun = isFirst ? 1 : 0;
      isFirst = false;
      if (live.thief.isPresent()) {
        return List.of();
      }
      if (live.renders() && !live.isBegun && live.waiting.size() > begun) {
        rear.put(live.task, live);
      }
    }
    if (rear.isEmpty()) {
      return List.of();
    }
    double seconds = pace.secondsAhead(holder);
    return rear.values().stream()
        .map(live -> new Candidate(holder, live, live.task.priority, seconds))
        .toList();
  }

  private Optional<Loot> loot(AgentWork thief, Candidate candidate) {
    TaskWork task = candidate.lease.task;
    boolean isFirst = candidate.holder.firstLease().filter(candidate.lease::equals).isPresent();
    List<Integer> fromRear = List.copyOf(candidate.lease.waiting.descendingKeySet());
    List<Integer> notBegun = isFirst ? fromRear.subList(0, fromRear.size() - 1) : fromRear;
    double holderDone = pace.secondsAhead(candidate.holder);
    double thiefDone =
        pace.secondsAhead(thief) + (task.opened.contains(thief.name) ? 0 : OPENING_SECONDS);
    Set<Integer> cells = new HashSet<>();
    for (Integer number : notBegun) {
      Cell cell = candidate.lease.waiting.get(number);
      if (cell == null) {
        continue;
      }
      double gained = pace.seconds(candidate.holder, task, cell);
      thiefDone += pace.seconds(thief, task, cell);
      if (thiefDone + SMALLEST_GAIN_SECONDS > holderDone) {
        break;
      }
      cells.add(number);
      holderDone -= gained;
    }
    return cells.isEmpty()
        ? Optional.empty()
        : Optional.of(new Loot(candidate.holder, candidate.lease, cells));
  }
}
