package io.blendnet.domain;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The tasks that want agents, kept in such an order that a choice costs no look at all of them. */
final class TaskBoard {
  /** How many of the oldest tasks are looked at for one whose scene the agent has open. */
  private static final int LOOKED_AT_FOR_SCENE = 16;

  /**
   * Where a task stands.
   *
   * @param openForEach pixel samples that are open for each agent, one more included; 0 while the
   *     frame is not cut
   */
  record Place(TaskWork task, int priority, boolean attended, double openForEach) {}

  private static final class Pool {
    /** Tasks that nobody is at. */
    final NavigableSet<TaskWork> unattended = new TreeSet<>(TaskWork.OLDEST_FIRST);

    final NavigableSet<Place> attended =
        new TreeSet<>(
            Comparator.comparingDouble(Place::openForEach)
                .reversed()
                .thenComparing(Place::task, TaskWork.OLDEST_FIRST));

    boolean isEmpty() {
      return unattended.isEmpty() && attended.isEmpty();
    }
  }

  private final NavigableMap<Integer, Pool> pools = new TreeMap<>(Comparator.reverseOrder());

  /** Frames whose cells are all leased or stored: what is left is shared by stealing. */
  private final Set<TaskWork> closing = new LinkedHashSet<>();

  /** Looks at a task again: something of it has changed. */
  void update(TaskWork task) {
    remove(task);
    if (task.wantsAgents()) {
      put(
          new Place(
              task, task.priority, !task.liveLeases.isEmpty(), task.openWorkForOneMoreAgent()));
    } else if (task.isClosing()) {
      closing.add(task);
    }
  }

  private void put(Place place) {
    Pool pool = pools.computeIfAbsent(place.priority, _ -> new Pool());
    if (place.attended) {
      pool.attended.add(place);
    } else {
      pool.unattended.add(place.task);
    }
    place.task.place = Optional.of(place);
  }

  void remove(TaskWork task) {
    closing.remove(task);
    if (task.place.isEmpty()) {
      return;
    }
    Place place = task.place.get();
    task.place = Optional.empty();
    Pool pool = pools.get(place.priority);
    if (pool == null) {
      return;
    }
    if (place.attended) {
      pool.attended.remove(place);
    } else {
      pool.unattended.remove(task);
    }
    if (pool.isEmpty()) {
      pools.remove(place.priority);
    }
  }

  boolean isEmpty() {
    return pools.isEmpty();
  }

  Set<TaskWork> closing() {
    return closing;
  }

  /**
   * The task that an agent should work on, of the highest priority: the one it is at; else the
   * oldest that nobody is at, so that with more frames than agents each agent renders a whole
   * frame; else where most is open for each agent.
   *
   * @param may whether the agent may work on a task
   */
  Optional<TaskWork> choose(AgentWork agent, Predicate<TaskWork> may) {
    for (var pool : pools.entrySet()) {
      Optional<TaskWork> found =
          current(agent, pool.getKey(), may)
              .or(() -> unattended(agent, pool.getValue(), may))
              .or(() -> attended(pool.getValue(), may));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<TaskWork> current(
      AgentWork agent, int priority, Predicate<TaskWork> may) {
    Optional<TaskWork> oldest = Optional.empty();
    for (LiveLease live : agent.leases.values()) {
      TaskWork task = live.task;
      if (task.priority == priority
          && task.place.isPresent()
          && may.test(task)
          && oldest.filter(other -> TaskWork.OLDEST_FIRST.compare(other, task) <= 0).isEmpty()) {
        oldest = Optional.of(task);
      }
    }
    return oldest;
  }

  private static Optional<TaskWork> unattended(
      AgentWork agent, Pool pool, Predicate<TaskWork> may) {
    Optional<TaskWork> oldest = Optional.empty();
    int looked = 0;
    for (TaskWork task : pool.unattended) {
      if (!may.test(task)) {
        continue;
      }
      if (task.spec.scene().equals(agent.openScene)) {
        return Optional.of(task);
      }
      oldest = oldest.or(() -> Optional.of(task));
      looked++;
      if (looked == LOOKED_AT_FOR_SCENE) {
        break;
      }
    }
    return oldest;
  }

  private static Optional<TaskWork> attended(Pool pool, Predicate<TaskWork> may) {
    for (Place place : pool.attended) {
      if (may.test(place.task)) {
        return Optional.of(place.task);
      }
    }
    return Optional.empty();
  }
}
