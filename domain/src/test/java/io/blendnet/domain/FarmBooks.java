package io.blendnet.domain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of a farm by what it was told and said: agents, tasks, leases. It is the Manager's
 * store too: what a farm that begins anew is told of the one before.
 */
final class FarmBooks {
  final Map<TaskName, BookedTask> tasks = new LinkedHashMap<>();
  final Map<AgentName, BookedAgent> agents = new LinkedHashMap<>();

  /** Leases with cells as the store has them: from the grant until the farm forgets them. */
  final Map<LeaseId, Lease> rows = new LinkedHashMap<>();

  /** What the event at hand changed: tasks, and of their frames the cells. */
  final Map<BookedTask, Set<Cell>> changed = new LinkedHashMap<>();

  /** Agents that the event at hand changed. */
  final Set<BookedAgent> changedAgents = new LinkedHashSet<>();

  /** Up-time. */
  Duration now = Duration.ZERO;

  /** An event comes. */
  void begin() {
    changed.clear();
    changedAgents.clear();
  }

  /** The Manager's memory is gone; which tasks it has to take up again. */
  List<TaskName> managerRestarts() {
    now = Duration.ZERO;
    agents.clear();
    List<TaskName> active = new ArrayList<>();
    for (BookedTask task : tasks.values()) {
      task.busy.clear();
      task.opening = 0;
      task.composing = 0;
      task.frame.ifPresent(FarmBooks::openLeased);
      if (task.state.isActive()) {
        active.add(task.name);
        // The store says that the task is active; the farm begins with it as pending.
        task.state = TaskState.STOPPED;
      }
    }
    return active;
  }

  private static void openLeased(FrameBooks frame) {
    frame.leased().forEach(frame::open);
  }

  /** A task with what is stored of it. */
  TaskSpec stored(TaskSpec spec) {
    BookedTask task = task(spec.name());
    return spec.placed(task.priority, task.isPaused)
        .goingOn(
            task.plan,
            List.copyOf(task.stored),
            rows.values().stream().filter(row -> row.task().equals(spec.name())).toList());
  }

  List<Cell> storedCells(TaskName name) {
    return List.copyOf(task(name).stored);
  }

  TaskState state(TaskName name) {
    return task(name).state;
  }

  /** A task that is not active is removed. */
  void remove(TaskName name) {
    BookedTask task = task(name);
    Surprise.unless(!task.state.isActive(), "An active task is removed", name);
    tasks.remove(name);
  }

  boolean isActive(TaskName name) {
    return tasks.containsKey(name) && task(name).state.isActive();
  }

  boolean isAssembling(TaskName name) {
    return isActive(name) && task(name).phase == BookedTask.Phase.ASSEMBLING;
  }

  Optional<BookedLease> live(AgentName name, LeaseId id, int attempt) {
    return Optional.ofNullable(agents.get(name))
        .flatMap(agent -> Optional.ofNullable(agent.live.get(id)))
        .filter(held -> held.lease.attempt() == attempt);
  }

  Optional<BookedLease> lapsed(AgentName name, LeaseId id, int attempt) {
    return Optional.ofNullable(agents.get(name))
        .flatMap(agent -> Optional.ofNullable(agent.lapsed.get(id)))
        .filter(held -> held.lease.attempt() == attempt);
  }

  /** A lease that lives or has lapsed. */
  Optional<BookedLease> known(AgentName name, LeaseId id, int attempt) {
    return live(name, id, attempt).or(() -> lapsed(name, id, attempt));
  }

  Optional<TaskName> taskOf(LeaseId id) {
    return Optional.ofNullable(rows.get(id)).map(Lease::task);
  }

  /** A cell of a lease is not awaited any more; of a live one it is open again. */
  Cell take(BookedLease held, int number) {
    Cell cell = held.waiting.remove(number);
    if (cell == null) {
      return new Cell(new Tile(0, 0, 1, 1), new SampleRange(0, 1));
    }
    if (isLive(held)) {
      held.task.frame.orElseThrow().open(cell);
      changed(held.task, List.of(cell));
    }
    return cell;
  }

  boolean isLive(BookedLease held) {
    return agent(held.lease.agent()).live.get(held.lease.id()) == held;
  }

  void endIfDone(BookedLease held) {
    if (held.renders() && held.waiting.isEmpty()) {
      if (isLive(held)) {
        end(held);
      } else {
        agent(held.lease.agent()).lapsed.remove(held.lease.id());
      }
    }
  }

  /** A live lease is over; what was awaited of it is open again. */
  void end(BookedLease held) {
    BookedAgent agent = agent(held.lease.agent());
    change(agent);
    change(held.task);
    if (!held.waiting.isEmpty()) {
      held.waiting.values().forEach(held.task.frame.orElseThrow()::open);
      changed(held.task, held.waiting.values());
      held.waiting.clear();
    }
    agent.live.remove(held.lease.id());
    agent.idleSince = now;
    held.task.begins(held.lease, -1);
  }

  void begin(BookedLease held, BookedAgent agent) {
    BookedTask task = held.task;
    change(agent);
    change(task);
    for (Cell cell : held.waiting.values()) {
      // A cell whose steal is unanswered is still in a lease, and not open therefore.
      task.frame.orElseThrow().add(cell, FrameBooks.Fate.LEASED);
    }
    changed(task, held.waiting.values());
    agent.live.put(held.lease.id(), held);
    task.begins(held.lease, 1);
    if (held.renders()) {
      rows.put(held.lease.id(), held.lease);
    }
  }

  /**
   * Whether an agent is there, or may be back soon, that can show what a doubted place looks like.
   */
  boolean othersCanTell(BookedTask task) {
    return agents.values().stream()
        .anyMatch(agent -> mayTell(task, agent) && !task.mayBeTooLargeFor(agent));
  }

  private static boolean mayTell(BookedTask task, BookedAgent agent) {
    return agent.mayBeUsable()
        && !task.setAside.containsKey(agent.name)
        && !task.doubts.concern(agent.name);
  }

  /** Where nobody is left who can tell, agents in doubt are believed. */
  void settleDoubts() {
    for (BookedTask task : tasks.values()) {
      if (!task.doubts.isEmpty() && !othersCanTell(task)) {
        if (agents.values().stream().anyMatch(agent -> mayTell(task, agent))) {
          task.doubts.beUnsure();
        } else {
          task.doubts.trustAll();
        }
      }
    }
  }

  void change(BookedTask task) {
    changed.computeIfAbsent(task, _ -> new LinkedHashSet<>());
  }

  void changed(BookedTask task, Collection<Cell> cells) {
    changed.computeIfAbsent(task, _ -> new LinkedHashSet<>()).addAll(cells);
  }

  void change(BookedAgent agent) {
    changedAgents.add(agent);
  }

  BookedTask task(TaskName name) {
    BookedTask task = tasks.get(name);
    if (task == null) {
      throw new AssertionError("The farm speaks of a task that it never had: " + name);
    }
    return task;
  }

  BookedAgent agent(AgentName name) {
    BookedAgent agent = agents.get(name);
    if (agent == null) {
      throw new AssertionError("The farm speaks of an agent that it never had: " + name);
    }
    return agent;
  }
}
