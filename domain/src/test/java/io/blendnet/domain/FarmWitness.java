package io.blendnet.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps books of its own on what a farm was told and said, and holds the farm to them after every
 * event: which leases live or have lapsed, what of them is awaited, which cells are stored, who may
 * work on what, which state each task is in. It knows the rules, and nothing of how the farm keeps
 * them. What an event changed is checked at once; everything is checked, and the books themselves
 * are recomputed, once in so many events.
 *
 * <p>It is the Manager's store too: what a farm that begins anew is told of the one before.
 */
final class FarmWitness {
  private static final int EVENTS_TOLD = 25;

  private record Told(int number, FarmEvent event, List<Effect> effects) {
    @Override
    public String toString() {
      return number + ". " + event + "\n     -> " + effects;
    }
  }

  private final int eventsBetweenFullChecks;
  private final FarmBooks books = new FarmBooks();
  private final BookedEvents bookedEvents;
  private final BookedEffects bookedEffects;
  private final Set<BookedAgent> idle = new LinkedHashSet<>();

  /** What readers see, who are told of changes only. */
  private final Map<TaskName, TaskView> seenTasks = new HashMap<>();

  private final Map<AgentName, AgentView> seenAgents = new HashMap<>();
  private final Deque<Told> latest = new ArrayDeque<>();
  private final DecisionTimes times;
  private int events;

  FarmWitness(FarmRules rules, int eventsBetweenFullChecks, DecisionTimes times) {
    this.bookedEvents = new BookedEvents(books, rules);
    this.bookedEffects = new BookedEffects(books, rules);
    this.eventsBetweenFullChecks = eventsBetweenFullChecks;
    this.times = times;
  }

  FarmBooks books() {
    return books;
  }

  int events() {
    return events;
  }

  /** The Manager's memory is gone; which tasks it has to take up again. */
  List<TaskName> managerRestarts() {
    idle.clear();
    seenTasks.clear();
    seenAgents.clear();
    return books.managerRestarts();
  }

  /** Has the farm decide, and checks what it says and what it is then. */
  List<Effect> decide(Farm farm, FarmEvent event) {
    events++;
    books.begin();
    boolean isStale = bookedEvents.isStale(event);
    boolean isFull = events % eventsBetweenFullChecks == 0;
    List<Object> before = isStale ? picture(farm, event, isFull) : List.of();
    latest.addLast(new Told(events, event, List.of()));
    List<Effect> effects = times.decide(farm, event);
    latest.removeLast();
    latest.addLast(new Told(events, event, effects));
    if (latest.size() > EVENTS_TOLD) {
      latest.removeFirst();
    }
    if (isStale) {
      Surprise.unless(
          effects.stream().allMatch(Effect.Drop.class::isInstance),
          "A message of no live lease or task had effects");
      Surprise.unless(
          before.equals(picture(farm, event, isFull)),
          "A message of no live lease changed the farm");
      Surprise.unless(
          !(event instanceof FarmEvent.CellArrived) || effects.size() == 1,
          "The result of a dead lease was not dropped");
    } else {
      bookedEvents.book(event, effects);
      effects.forEach(effect -> bookedEffects.book(effect, looks(event)));
      books.settleDoubts();
      check(farm);
    }
    if (isFull) {
      checkFully(farm);
    }
    return effects;
  }

  private static CellLooks looks(FarmEvent event) {
    return event instanceof FarmEvent.CellArrived arrived ? arrived.looks() : CellLooks.FINE;
  }

  /** The farm as others see it: what a message can concern, or everything. */
  private List<Object> picture(Farm farm, FarmEvent event, boolean everything) {
    List<Object> picture = new ArrayList<>(List.of(farm.nextLease()));
    if (everything) {
      picture.addAll(List.of(farm.taskViews(), farm.agentViews(), farm.liveLeases()));
      books
          .tasks
          .keySet()
          .forEach(name -> farm.ledger(name).ifPresent(l -> picture.add(l.entries())));
      return picture;
    }
    Subject subject = Subject.of(event);
    subject
        .task
        .or(() -> subject.lease.flatMap(books::taskOf))
        .ifPresent(name -> {
          farm.taskView(name).ifPresent(picture::add);
          farm.ledger(name).ifPresent(ledger -> picture.add(ledger.entries()));
        });
    subject.agent.ifPresent(name -> picture.add(farm.leasesOf(name)));
    return picture;
  }

  /** What an event is about. */
  private record Subject(
      Optional<TaskName> task, Optional<AgentName> agent, Optional<LeaseId> lease) {
    static Subject of(FarmEvent event) {
      return switch (event) {
        case FarmEvent.TaskReady(TaskSpec spec) -> of(spec.name());
        case FarmEvent.TaskStopped(TaskName name) -> of(name);
        case FarmEvent.TaskPaused(TaskName name) -> of(name);
        case FarmEvent.TaskResumed(TaskName name) -> of(name);
        case FarmEvent.TaskPrioritized(TaskName name, int _) -> of(name);
        case FarmEvent.FrameAssembled(TaskName name) -> of(name);
        case FarmEvent.CellsProvedBad bad -> of(bad.task());
        case FarmEvent.TaskBroke(TaskName name, String _) -> of(name);
        case FarmEvent.AgentJoined joined -> of(joined.agent());
        case FarmEvent.AgentAway away -> of(away.agent());
        case FarmEvent.AgentTerminating(AgentName agent, String _) -> of(agent);
        case FarmEvent.SceneOpened opened -> of(opened.agent(), opened.lease());
        case FarmEvent.CellArrived arrived -> of(arrived.agent(), arrived.lease());
        case FarmEvent.CellsReturned returned -> of(returned.agent(), returned.lease());
        case FarmEvent.LeaseFailed failed -> of(failed.agent(), failed.lease());
        case FarmEvent.PictureArrived arrived -> of(arrived.agent(), arrived.lease());
        case FarmEvent.TimePassed _ ->
            new Subject(Optional.empty(), Optional.empty(), Optional.empty());
      };
    }

    private static Subject of(TaskName task) {
      return new Subject(Optional.of(task), Optional.empty(), Optional.empty());
    }

    private static Subject of(AgentName agent) {
      return new Subject(Optional.empty(), Optional.of(agent), Optional.empty());
    }

    private static Subject of(AgentName agent, LeaseId lease) {
      return new Subject(Optional.empty(), Optional.of(agent), Optional.of(lease));
    }
  }

  String latestEvents() {
    return latest.stream().map(Told::toString).collect(Collectors.joining("\n"));
  }

  /** Holds the farm to the books where something has books.changed. */
  private void check(Farm farm) {
    for (BookedAgent agent : books.changedAgents) {
      if (books.agents.get(agent.name) == agent && agent.isIdle()) {
        idle.add(agent);
      } else {
        idle.remove(agent);
      }
      checkLeases(farm, agent);
    }
    books.changed.forEach((task, cells) -> {
      checkTask(farm, task);
      farm.ledger(task.name).ifPresent(ledger -> task.frame.orElseThrow().check(ledger, cells));
    });
    checkNobodyStarves();
  }

  private void checkLeases(Farm farm, BookedAgent agent) {
    List<Lease> told = farm.leasesOf(agent.name);
    BookedAgent known = books.agents.get(agent.name);
    int count = known == null ? 0 : known.live.size() + known.lapsed.size();
    Surprise.unless(told.size() == count, "An agent has other leases", agent.name, told);
    if (known == null) {
      return;
    }
    for (Lease lease : told) {
      BookedLease held = books.known(agent.name, lease.id(), lease.attempt()).orElseThrow();
      Surprise.unless(held.lease.equals(lease), "Another lease lives", lease);
      long leases = known.live.values().stream().filter(other -> other.task == held.task).count();
      Surprise.unless(
          leases == held.task.busy.getOrDefault(known.name, 0), "Busy or not?", lease, leases);
      Surprise.unless(held.task.state.isActive(), "A lease of an ended task lives", lease);
      Surprise.unless(
          !held.renders() || books.rows.containsKey(lease.id()), "A lease without row", lease);
      Surprise.unless(
          !held.mustBeAsked || !books.isLive(held) || known.presence != AgentWork.Presence.HERE,
          "A paused task's cells are left to begin",
          lease);
    }
  }

  private void checkTask(Farm farm, BookedTask task) {
    Optional<TaskView> found = farm.taskView(task.name);
    Surprise.unless(
        found.isPresent() == task.state.isActive(), "Active or not?", task.name, task.state);
    if (found.isEmpty()) {
      Surprise.unless(task.busy.isEmpty(), "An ended task has leases", task.name, task.busy);
      return;
    }
    TaskView view = found.get();
    Surprise.unless(view.state() == task.state, "The view has another state", task.state, view);
    Surprise.unless(view.priority() == task.priority, "Another priority", task.priority, view);
    Surprise.unless(view.paused() == task.isPaused, "Paused or not?", task.isPaused, view);
    boolean stands = task.busy.isEmpty() && task.phase != BookedTask.Phase.ASSEMBLING;
    Surprise.unless(
        stands == !view.waiting().isEmpty(),
        "A task stands still and does not say why, or the reverse",
        task.phase,
        view);
    Surprise.unless(
        !stands || task.state == TaskState.PENDING || task.phase == BookedTask.Phase.COMPOSING,
        "A task is running though nobody is at it",
        view);
    Surprise.unless(view.done() >= task.done, "Something done was lost", task.done, view);
    task.done = view.done();
    Surprise.unless(
        view.cellsStored() == task.stored.size()
            && view.cellsLeased() == task.frame.map(FrameBooks::cellsLeased).orElse(0),
        "Other numbers of cells",
        task.stored.size(),
        view);
  }

  /** An agent without a lease is one that no task can use, and a task without one nobody can. */
  private void checkNobodyStarves() {
    if (!idle.isEmpty()) {
      for (BookedTask task : books.changed.keySet()) {
        if (task.wantsAgents()) {
          idle.forEach(agent -> checkItNeedNotWork(agent, task));
        }
      }
    }
    for (BookedAgent agent : books.changedAgents) {
      if (idle.contains(agent)) {
        books.tasks.values().stream()
            .filter(BookedTask::wantsAgents)
            .forEach(task -> checkItNeedNotWork(agent, task));
      }
    }
    for (BookedTask task : books.changed.keySet()) {
      if (task.wantsAComposer()) {
        books.agents.values().forEach(agent -> checkItNeedNotWork(agent, task));
      }
    }
  }

  private static void checkItNeedNotWork(BookedAgent agent, BookedTask task) {
    Surprise.unless(
        !task.mayBeWorkOf(agent),
        "An agent has nothing to do though a task wants one",
        agent.name,
        task.name);
  }

  /** Readers who are told of changes see what there is. */
  private void checkReaders(Farm farm) {
    FarmChanges changes = farm.changes();
    changes
        .tasks()
        .forEach((name, view) ->
            view.ifPresentOrElse(now -> seenTasks.put(name, now), () -> seenTasks.remove(name)));
    changes
        .agents()
        .forEach((name, view) ->
            view.ifPresentOrElse(now -> seenAgents.put(name, now), () -> seenAgents.remove(name)));
    for (TaskView view : farm.taskViews()) {
      Optional<TaskView> seen = Optional.ofNullable(seenTasks.get(view.name()));
      Surprise.unless(seen.equals(Optional.of(view)), "Seen otherwise", view, seen);
    }
    for (AgentView view : farm.agentViews()) {
      Optional<AgentView> seen = Optional.ofNullable(seenAgents.get(view.name()));
      Surprise.unless(seen.equals(Optional.of(view)), "Seen otherwise", view, seen);
    }
    Surprise.unless(
        seenTasks.size() == farm.taskViews().size()
            && seenAgents.size() == farm.agentViews().size(),
        "Seen though it is gone");
  }

  /** Holds the farm to the books in everything, and the books to what they are computed from. */
  void checkFully(Farm farm) {
    checkReaders(farm);
    Map<BookedTask, List<Cell>> leased = new LinkedHashMap<>();
    Map<BookedTask, Map<AgentName, Integer>> busy = new LinkedHashMap<>();
    Set<LeaseId> known = new HashSet<>();
    int live = 0;
    for (BookedAgent agent : books.agents.values()) {
      checkLeases(farm, agent);
      Surprise.unless(agent.isIdle() == idle.contains(agent), "Idle or not?", agent.name);
      for (BookedLease held : agent.live.values()) {
        live++;
        leased.computeIfAbsent(held.task, _ -> new ArrayList<>()).addAll(held.waiting.values());
        busy.computeIfAbsent(held.task, _ -> new LinkedHashMap<>())
            .merge(agent.name, 1, Integer::sum);
        if (held.renders()) {
          known.add(held.lease.id());
          Surprise.unless(!held.waiting.isEmpty(), "A lease with nothing awaited", held.lease);
        }
      }
      known.addAll(agent.lapsed.keySet());
    }
    Set<LeaseId> kept =
        books.rows.values().stream()
            .filter(row -> books.isActive(row.task()))
            .map(Lease::id)
            .collect(Collectors.toSet());
    Surprise.unless(known.equals(kept), "Rows of no lease, or the reverse", kept, known);
    Surprise.unless(farm.liveLeases().size() == live, "Other leases live", live);
    Surprise.unless(
        farm.taskViews().size()
            == books.tasks.values().stream().filter(t -> t.state.isActive()).count(),
        "Other tasks are active");
    for (BookedTask task : books.tasks.values()) {
      checkTask(farm, task);
      Surprise.unless(
          task.busy.equals(busy.getOrDefault(task, Map.of())), "Busy or not?", task.name);
      task.frame.ifPresent(frame ->
          farm.ledger(task.name)
              .ifPresent(ledger ->
                  frame.checkFully(ledger, leased.getOrDefault(task, List.of()), task.stored)));
      if (task.wantsAgents()) {
        idle.forEach(agent -> checkItNeedNotWork(agent, task));
      }
    }
  }

  /** In the end a task has ended as it should: with a picture, or where that is due, an error. */
  void expectEnded(Farm farm, TaskName name, Optional<TaskState> due) {
    TaskState state = books.task(name).state;
    Surprise.unless(!state.isActive(), "A task does not end", name, farm.taskView(name));
    due.ifPresent(expected ->
        Surprise.unless(state == expected, "A task ends otherwise", name, state, expected));
  }

  /** In the end nothing is left of any lease. */
  void expectNoLeases(Farm farm) {
    checkFully(farm);
    Surprise.unless(farm.liveLeases().isEmpty(), "Leases of ended tasks", farm.liveLeases());
    Surprise.unless(books.rows.isEmpty(), "Leases are not forgotten", books.rows);
  }
}
