package io.blendnet.domain;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** What is to be stolen. */
  record Loot(LiveLease from, Set<Integer> cells) {}

  private record Candidate(AgentWork holder, LiveLease lease, double seconds) {}

  private final Map<AgentName, AgentWork> agents;
  private final Pace pace;

  Steals(Map<AgentName, AgentWork> agents, Pace pace) {
    this.agents = agents;
    this.pace = pace;
  }

  /**
   * The rear of the largest remaining lease, of the tasks of the highest priority.
   *
   * @param closing tasks of which nothing is open
   * @param may whether the thief may work on a task
   */
  Optional<Loot> find(AgentWork thief, Collection<TaskWork> closing, Predicate<TaskWork> may) {
    Optional<Candidate> largest = Optional.empty();
    for (TaskWork task : closing) {
      if (!may.test(task)) {
        continue;
      }
      for (AgentName name : task.liveLeases.keySet()) {
        AgentWork holder = agents.get(name);
        if (holder == null || holder == thief || holder.presence != AgentWork.Presence.HERE) {
          continue;
        }
        Optional<LiveLease> rear = rearLease(holder, task);
        if (rear.isEmpty()) {
          continue;
        }
        Candidate found = new Candidate(holder, rear.get(), pace.secondsAhead(holder));
        if (largest.filter(other -> !isBetter(found, other)).isEmpty()) {
          largest = Optional.of(found);
        }
      }
    }
    return largest.flatMap(candidate -> loot(thief, candidate));
  }

  private static boolean isBetter(Candidate one, Candidate other) {
    int byPriority = Integer.compare(one.lease.task.priority, other.lease.task.priority);
    return byPriority != 0 ? byPriority > 0 : one.seconds > other.seconds;
  }

  /** The holder's last lease of a task that has cells which it may not have begun. */
  private static Optional<LiveLease> rearLease(AgentWork holder, TaskWork task) {
    Optional<LiveLease> rear = Optional.empty();
    boolean isFirst = true;
    for (LiveLease live : holder.leases.values()) {
      int begun = isFirst ? 1 : 0;
      isFirst = false;
      if (live.thief.isPresent()) {
        return Optional.empty();
      }
      if (live.task == task && live.renders() && !live.isBegun && live.waiting.size() > begun) {
        rear = Optional.of(live);
      }
    }
    return rear;
  }

  private Optional<Loot> loot(AgentWork thief, Candidate candidate) {
    TaskWork task = candidate.lease.task;
    boolean isFirst = candidate.holder.firstLease().filter(candidate.lease::equals).isPresent();
    List<Integer> fromRear = List.copyOf(candidate.lease.waiting.descendingKeySet());
    List<Integer> notBegun = isFirst ? fromRear.subList(0, fromRear.size() - 1) : fromRear;
    double holderDone = candidate.seconds;
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
    return cells.isEmpty() ? Optional.empty() : Optional.of(new Loot(candidate.lease, cells));
  }
}
