package io.blendnet.domain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Books what a farm is told, by the rules for what that does to leases, cells and agents. */
final class BookedEvents {
  private final FarmBooks books;
  private final FarmRules rules;

  BookedEvents(FarmBooks books, FarmRules rules) {
    this.books = books;
    this.rules = rules;
  }

  /** Whether an event must change nothing, by these books. */
  boolean isStale(FarmEvent event) {
    return switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) -> books.isActive(spec.name());
      case FarmEvent.TaskStopped(TaskName name) -> !books.isActive(name);
      case FarmEvent.TaskBroke(TaskName name, String _) -> !books.isActive(name);
      case FarmEvent.TaskPaused(TaskName name) ->
          !books.isActive(name) || books.task(name).isPaused;
      case FarmEvent.TaskResumed(TaskName name) ->
          !books.isActive(name) || !books.task(name).isPaused;
      case FarmEvent.TaskPrioritized(TaskName name, int priority) ->
          !books.isActive(name) || books.task(name).priority == priority;
      case FarmEvent.FrameAssembled(TaskName name) -> !books.isAssembling(name);
      case FarmEvent.CellsProvedBad bad -> !books.isAssembling(bad.task());
      case FarmEvent.AgentJoined _, FarmEvent.TimePassed _ -> false;
      case FarmEvent.AgentAway(AgentName name, Absence absence, String _) -> {
        BookedAgent agent = books.agents.get(name);
        yield agent == null
            || switch (absence) {
              case SILENT -> agent.presence != AgentWork.Presence.HERE;
              case LOST -> agent.presence == AgentWork.Presence.GONE;
              case REMOVED -> false;
            };
      }
      case FarmEvent.AgentTerminating(AgentName name, String _) -> {
        BookedAgent agent = books.agents.get(name);
        yield agent == null || agent.isTerminating;
      }
      case FarmEvent.SceneOpened opened ->
          books
              .live(opened.agent(), opened.lease(), opened.attempt())
              .filter(held -> held.lease.work() instanceof Lease.Open)
              .isEmpty();
      case FarmEvent.CellArrived arrived ->
          books
              .known(arrived.agent(), arrived.lease(), arrived.attempt())
              .filter(held -> held.waiting.containsKey(arrived.cell()))
              .isEmpty();
      case FarmEvent.CellsReturned returned ->
          books.known(returned.agent(), returned.lease(), returned.attempt()).isEmpty();
      case FarmEvent.LeaseFailed failed ->
          books.known(failed.agent(), failed.lease(), failed.attempt()).isEmpty();
      case FarmEvent.PictureArrived arrived ->
          books
              .live(arrived.agent(), arrived.lease(), arrived.attempt())
              .filter(held -> held.lease.work() instanceof Lease.Compose)
              .isEmpty();
    };
  }

  void book(FarmEvent event, List<Effect> effects) {
    switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) -> ready(spec);
      case FarmEvent.TaskStopped(TaskName name) -> books.change(books.task(name));
      case FarmEvent.TaskBroke(TaskName name, String _) -> books.change(books.task(name));
      case FarmEvent.TaskPaused(TaskName name) -> pause(books.task(name));
      case FarmEvent.TaskResumed(TaskName name) -> {
        books.change(books.task(name));
        books.task(name).isPaused = false;
      }
      case FarmEvent.TaskPrioritized(TaskName name, int priority) -> {
        books.change(books.task(name));
        books.task(name).priority = priority;
      }
      case FarmEvent.AgentJoined joined -> join(joined, effects);
      case FarmEvent.AgentAway(AgentName name, Absence absence, String _) ->
          goAway(books.agent(name), absence, effects);
      case FarmEvent.AgentTerminating(AgentName name, String _) -> {
        books.change(books.agent(name));
        books.agent(name).isTerminating = true;
      }
      case FarmEvent.SceneOpened opened -> {
        BookedLease held =
            books.live(opened.agent(), opened.lease(), opened.attempt()).orElseThrow();
        held.task.isRisky = false;
        held.task.openedBy.put(books.agent(opened.agent()).boot(), opened.facts().blender());
        books.end(held);
      }
      case FarmEvent.CellArrived arrived -> arrive(arrived, effects);
      case FarmEvent.CellsReturned returned -> {
        BookedLease held =
            books.known(returned.agent(), returned.lease(), returned.attempt()).orElseThrow();
        held.isAsked = false;
        books.change(books.agent(returned.agent()));
        books.change(held.task);
        if (held.renders()) {
          returned.cells().forEach(number -> books.take(held, number));
          books.endIfDone(held);
        } else {
          books.end(held);
        }
      }
      case FarmEvent.LeaseFailed failed -> fail(failed, effects);
      case FarmEvent.PictureArrived arrived ->
          books.end(books.live(arrived.agent(), arrived.lease(), arrived.attempt()).orElseThrow());
      case FarmEvent.FrameAssembled(TaskName name) -> {
        books.change(books.task(name));
        books.task(name).phase = BookedTask.Phase.COMPOSING;
      }
      case FarmEvent.CellsProvedBad bad -> proveBad(bad);
      case FarmEvent.TimePassed(Duration up) -> {
        books.now = up.compareTo(books.now) > 0 ? up : books.now;
        for (BookedAgent agent : List.copyOf(books.agents.values())) {
          if (agent.presence == AgentWork.Presence.SILENT
              && books.now.minus(agent.silentSince).compareTo(rules.silence()) >= 0) {
            lapse(agent, effects);
          }
        }
      }
    }
  }

  private void ready(TaskSpec spec) {
    BookedTask task = books.tasks.computeIfAbsent(spec.name(), BookedTask::new);
    Surprise.unless(
        task.state.mayBecome(TaskState.PENDING), "A task is run again that cannot be", spec.name());
    books.change(task);
    task.state = TaskState.PENDING;
    task.phase = spec.plan().isPresent() ? BookedTask.Phase.RENDERING : BookedTask.Phase.OPENING;
    task.agentsLimit = spec.agentsLimit();
    task.priority = spec.priority();
    task.isPaused = spec.paused();
    task.setAside.clear();
    task.doubts.clear();
    task.memoryTooSmall = 0;
    task.isRisky = false;
    if (spec.plan().isEmpty()) {
      task.frame = Optional.empty();
    }
    spec.leases().stream()
        .sorted((one, other) -> other.id().compareTo(one.id()))
        .forEach(lease -> takeOver(task, lease));
  }

  /** What is open of a lease from before lives on, where its agent has not joined. */
  private void takeOver(BookedTask task, Lease lease) {
    BookedAgent agent =
        books.agents.computeIfAbsent(
            lease.agent(),
            name -> {
              BookedAgent absent = new BookedAgent(name);
              absent.silentSince = books.now;
              return absent;
            });
    books.change(agent);
    BookedLease held = new BookedLease(lease, task);
    FrameBooks frame = task.frame.orElseThrow();
    held.waiting
        .values()
        .removeIf(cell -> agent.presence != AgentWork.Presence.SILENT || !frame.isOpen(cell));
    if (!held.waiting.isEmpty()) {
      held.waiting.values().forEach(cell -> frame.add(cell, FrameBooks.Fate.LEASED));
      books.changed(task, held.waiting.values());
      agent.live.put(lease.id(), held);
      task.begins(lease, 1);
    }
  }

  private void pause(BookedTask task) {
    books.change(task);
    task.isPaused = true;
    for (AgentName name : task.busy.keySet()) {
      books.agent(name).live.values().stream()
          .filter(held -> held.task == task)
          .forEach(BookedEvents::mustBeAsked);
      books.change(books.agent(name));
    }
  }

  /** Whoever holds cells of a paused task is to give back what it has not begun. */
  private static void mustBeAsked(BookedLease held) {
    held.mustBeAsked = held.task.isPaused && held.renders();
  }

  private void join(FarmEvent.AgentJoined joined, List<Effect> effects) {
    BookedAgent before = books.agents.get(joined.agent());
    if (before != null
        && !before.boot().isEmpty()
        && !before.boot().equals(joined.machine().boot())) {
      remove(before, effects);
    }
    BookedAgent agent = books.agents.computeIfAbsent(joined.agent(), BookedAgent::new);
    books.change(agent);
    agent.machine = Optional.of(joined.machine());
    agent.presence = AgentWork.Presence.HERE;
    agent.idleSince = books.now;
    Map<LeaseId, HeldLease> told = new HashMap<>();
    joined.held().forEach(held -> told.put(held.lease(), held));
    Set<LeaseId> wanted = new HashSet<>();
    List<BookedLease> all = new ArrayList<>(agent.live.values());
    all.addAll(agent.lapsed.values());
    for (BookedLease held : all) {
      held.isAsked = false;
      Optional<HeldLease> still =
          Optional.ofNullable(told.get(held.lease.id()))
              .filter(known -> known.attempt() == held.lease.attempt());
      still.ifPresent(lease -> wanted.add(lease.lease()));
      if (still.isEmpty() && agent.live.containsKey(held.lease.id())) {
        expectRevoked(agent, held.lease.id(), effects);
      } else if (held.renders()) {
        Set<Integer> left = still.map(HeldLease::cells).orElse(Set.of());
        List.copyOf(held.waiting.keySet()).stream()
            .filter(number -> !left.contains(number))
            .forEach(number -> books.take(held, number));
        books.endIfDone(held);
        mustBeAsked(held);
      }
    }
    told.keySet().stream()
        .filter(id -> !wanted.contains(id))
        .forEach(id -> expectRevoked(agent, id, effects));
  }

  private static void expectRevoked(BookedAgent agent, LeaseId id, List<Effect> effects) {
    Surprise.unless(
        effects.stream()
            .anyMatch(effect ->
                effect instanceof Effect.Revoke revoke
                    && revoke.agent().equals(agent.name)
                    && revoke.lease().equals(id)),
        "An agent is not told to drop what it should not have",
        agent.name,
        id);
  }

  private void goAway(BookedAgent agent, Absence absence, List<Effect> effects) {
    books.change(agent);
    switch (absence) {
      case SILENT -> {
        agent.presence = AgentWork.Presence.SILENT;
        agent.silentSince = books.now;
        agent.live.values().forEach(held -> held.isAsked = false);
      }
      case LOST -> lapse(agent, effects);
      case REMOVED -> remove(agent, effects);
    }
  }

  /** An agent's leases run out; what it finishes of them may still be adopted. */
  private void lapse(BookedAgent agent, List<Effect> effects) {
    books.change(agent);
    for (BookedLease held : List.copyOf(agent.live.values())) {
      expectNoted(held.task, effects);
      held.task.isRisky |= held.lease.work() instanceof Lease.Open;
      NavigableMap<Integer, Cell> left = new TreeMap<>(held.waiting);
      books.end(held);
      if (!left.isEmpty()) {
        held.waiting.putAll(left);
        agent.lapsed.put(held.lease.id(), held);
      }
    }
    agent.presence = AgentWork.Presence.GONE;
  }

  private void remove(BookedAgent agent, List<Effect> effects) {
    for (BookedLease held : List.copyOf(agent.live.values())) {
      expectNoted(held.task, effects);
      held.task.isRisky |= held.lease.work() instanceof Lease.Open;
      books.end(held);
    }
    agent.lapsed.clear();
    books.agents.remove(agent.name);
    books.change(agent);
    for (BookedTask task : books.tasks.values()) {
      task.setAside.remove(agent.name);
      task.doubts.forget(agent.name);
    }
  }

  /** What an agent had when it left is told to the user. */
  private static void expectNoted(BookedTask task, List<Effect> effects) {
    Surprise.unless(
        effects.stream()
            .anyMatch(
                effect -> effect instanceof Effect.Note note && note.task().equals(task.name)),
        "A loss is not told",
        task.name);
  }

  private void arrive(FarmEvent.CellArrived arrived, List<Effect> effects) {
    BookedLease held =
        books.known(arrived.agent(), arrived.lease(), arrived.attempt()).orElseThrow();
    books.change(held.task);
    books.change(books.agent(arrived.agent()));
    List<Effect> outcomes =
        effects.stream()
            .filter(effect -> effect instanceof Effect.Keep || effect instanceof Effect.Drop)
            .toList();
    Surprise.unless(outcomes.size() == 1, "A result is not either kept or dropped", outcomes);
    if (outcomes.getFirst() instanceof Effect.Keep) {
      return;
    }
    boolean isLive = books.live(arrived.agent(), arrived.lease(), arrived.attempt()).isPresent();
    Cell cell = books.take(held, arrived.cell());
    if (arrived.looks() == CellLooks.FINE) {
      Surprise.unless(
          !isLive && !(held.task.phase == BookedTask.Phase.RENDERING && isOpen(held.task, cell)),
          "A wanted result is dropped",
          cell);
    } else if (isLive) {
      held.task.doubts.add(arrived.agent(), cell, arrived.looks());
    }
    books.endIfDone(held);
  }

  private static boolean isOpen(BookedTask task, Cell cell) {
    return task.frame.filter(frame -> frame.isOpen(cell)).isPresent();
  }

  private void fail(FarmEvent.LeaseFailed failed, List<Effect> effects) {
    BookedAgent agent = books.agent(failed.agent());
    books.change(agent);
    Optional<BookedLease> live = books.live(failed.agent(), failed.lease(), failed.attempt());
    if (live.isEmpty()) {
      agent.lapsed.remove(failed.lease());
      return;
    }
    BookedTask task = live.get().task;
    boolean isSetAside =
        effects.stream()
            .anyMatch(effect ->
                effect instanceof Effect.Note(TaskName _, String message)
                    && BookedEffects.SET_ASIDE.matcher(message).matches());
    if (failed.failure() == FailureKind.MEMORY && isSetAside) {
      task.memoryTooSmall = Math.max(task.memoryTooSmall, agent.memory());
    }
    expectNoted(task, effects);
    books.end(live.get());
  }

  private void proveBad(FarmEvent.CellsProvedBad bad) {
    BookedTask task = books.task(bad.task());
    List<Cell> known = bad.cells().stream().distinct().filter(task.stored::contains).toList();
    books.change(task);
    if (known.isEmpty()) {
      return;
    }
    task.phase = BookedTask.Phase.RENDERING;
    task.stored.removeAll(known);
    known.forEach(task.frame.orElseThrow()::open);
    books.changed(task, known);
    task.done = 0;
  }
}
