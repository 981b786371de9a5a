package io.blendnet.domain;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final Pattern SET_ASIDE =
      Pattern.compile("Agent (\\S+) gets no more of this task: (.*)", Pattern.DOTALL);

  private static final Pattern MISFIT =
      Pattern.compile("has Blender .*|opens the scene with .*", Pattern.DOTALL);

  /** What a task needs next. */
  private enum Phase {
    OPENING,
    RENDERING,
    ASSEMBLING,
    COMPOSING
  }

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

  private static final class Task {
    final TaskName name;
    TaskState state = TaskState.STOPPED;
    Phase phase = Phase.OPENING;
    int agentsLimit;
    int priority;
    boolean isPaused;
    double done;
    long memoryTooSmall;
    Optional<FramePlan> plan = Optional.empty();
    Optional<FrameBooks> frame = Optional.empty();
    final Set<Cell> stored = new LinkedHashSet<>();

    /** Agents with live leases of it, and how many. */
    final Map<AgentName, Integer> busy = new LinkedHashMap<>();

    int opening;

    /** Whether agents were lost while they opened it, since one last had it open. */
    boolean isRisky;

    int composing;

    /** Agents that get no more of it, and whether that is since they do not fit. */
    final Map<AgentName, Boolean> setAside = new HashMap<>();

    /** Places that agents delivered in doubtful looks. */
    final Map<AgentName, List<Doubt>> doubted = new LinkedHashMap<>();

    final Set<AgentName> everDoubted = new HashSet<>();
    final Set<Trust> trusted = new HashSet<>();

    /** Processes that have opened its scene, with which Blender. */
    final Map<String, BlenderVersion> openedBy = new HashMap<>();

    Task(TaskName name) {
      this.name = name;
    }

    boolean wantsAgents() {
      return state.isActive()
          && !isPaused
          && (phase == Phase.OPENING || (phase == Phase.RENDERING && openWork() > 0));
    }

    boolean wantsAComposer() {
      return state.isActive()
          && !isPaused
          && phase == Phase.COMPOSING
          && composing == 0
          && opening == 0;
    }

    long openWork() {
      return frame.map(FrameBooks::openWork).orElse(0L);
    }

    boolean hasRoomFor(AgentName agent) {
      return agentsLimit == 0 || busy.size() < agentsLimit || busy.containsKey(agent);
    }

    void begins(Lease lease, int sign) {
      busy.compute(
          lease.agent(),
          (_, count) -> {
            int leases = (count == null ? 0 : count) + sign;
            return leases == 0 ? null : leases;
          });
      switch (lease.work()) {
        case Lease.Open _ -> opening += sign;
        case Lease.Render _ -> {}
        case Lease.Compose _ -> composing += sign;
      }
    }
  }

  /** A lease, and of its cells those that are awaited. */
  private static final class Held {
    final Lease lease;
    final Task task;
    final NavigableMap<Integer, Cell> waiting = new TreeMap<>();

    /** Whether a steal of cells is unanswered, as far as the farm can tell. */
    boolean isAsked;

    /** Whether its task is paused and its holder has not been told. */
    boolean mustBeAsked;

    Held(Lease lease, Task task) {
      this.lease = lease;
      this.task = task;
      List<Cell> cells = cells(lease);
      for (int number = 0; number < cells.size(); number++) {
        waiting.put(number, cells.get(number));
      }
    }

    boolean renders() {
      return lease.work() instanceof Lease.Render;
    }
  }

  private static final class Agent {
    final AgentName name;
    Optional<AgentMachine> machine = Optional.empty();
    AgentWork.Presence presence = AgentWork.Presence.SILENT;
    boolean isTerminating;
    boolean isSetAside;
    Duration silentSince = Duration.ZERO;

    /** When its latest lease ended, or it joined. */
    Duration idleSince = Duration.ZERO;

    final Map<LeaseId, Held> live = new LinkedHashMap<>();
    final Map<LeaseId, Held> lapsed = new LinkedHashMap<>();

    Agent(AgentName name) {
      this.name = name;
    }

    long memory() {
      return machine.map(AgentMachine::memory).orElse(0L);
    }

    boolean isUsable() {
      return presence == AgentWork.Presence.HERE && !isTerminating && !isSetAside;
    }

    boolean isIdle() {
      return isUsable() && live.isEmpty();
    }
  }

  private record Told(int number, FarmEvent event, List<Effect> effects) {
    @Override
    public String toString() {
      return number + ". " + event + "\n     -> " + effects;
    }
  }

  private final FarmRules rules;
  private final int eventsBetweenFullChecks;
  private final Map<TaskName, Task> tasks = new LinkedHashMap<>();
  private final Map<AgentName, Agent> agents = new LinkedHashMap<>();
  private final Set<Agent> idle = new LinkedHashSet<>();

  /** Leases with cells as the store has them: from the grant until the farm forgets them. */
  private final Map<LeaseId, Lease> rows = new LinkedHashMap<>();

  /** What readers see, who are told of changes only. */
  private final Map<TaskName, TaskView> seenTasks = new HashMap<>();

  private final Map<AgentName, AgentView> seenAgents = new HashMap<>();
  private final Deque<Told> latest = new ArrayDeque<>();
  private final DecisionTimes times;
  private Duration now = Duration.ZERO;
  private long latestLease;
  private int events;

  /** What the event at hand changed: tasks, of their frames the cells, and agents. */
  private final Map<Task, Set<Cell>> changed = new LinkedHashMap<>();

  private final Set<Agent> changedAgents = new LinkedHashSet<>();

  FarmWitness(FarmRules rules, int eventsBetweenFullChecks, DecisionTimes times) {
    this.rules = rules;
    this.eventsBetweenFullChecks = eventsBetweenFullChecks;
    this.times = times;
  }

  static List<Cell> cells(Lease lease) {
    return switch (lease.work()) {
      case Lease.Render(List<Cell> cells, FrameCut _) -> cells;
      case Lease.Open _, Lease.Compose _ -> List.of();
    };
  }

  int events() {
    return events;
  }

  /** Has the farm decide, and checks what it says and what it is then. */
  List<Effect> decide(Farm farm, FarmEvent event) {
    events++;
    changed.clear();
    changedAgents.clear();
    boolean isStale = isStale(event);
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
      book(event, effects);
      effects.forEach(this::book);
      settleDoubts();
      check(farm);
    }
    if (isFull) {
      checkFully(farm);
    }
    return effects;
  }

  /** The farm as others see it: what a message can concern, or everything. */
  private List<Object> picture(Farm farm, FarmEvent event, boolean everything) {
    List<Object> picture = new ArrayList<>(List.of(farm.nextLease()));
    if (everything) {
      picture.addAll(List.of(farm.taskViews(), farm.agentViews(), farm.liveLeases()));
      tasks.keySet().forEach(name -> farm.ledger(name).ifPresent(l -> picture.add(l.entries())));
      return picture;
    }
    Subject subject = Subject.of(event);
    subject
        .task
        .or(() -> subject.lease.flatMap(this::taskOf))
        .ifPresent(name -> {
          farm.taskView(name).ifPresent(picture::add);
          farm.ledger(name).ifPresent(ledger -> picture.add(ledger.entries()));
        });
    subject.agent.ifPresent(name -> picture.add(farm.leasesOf(name)));
    return picture;
  }

  private Optional<TaskName> taskOf(LeaseId id) {
    return Optional.ofNullable(rows.get(id)).map(Lease::task);
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

  // The store.

  /** The Manager's memory is gone; which tasks it has to take up again. */
  List<TaskName> managerRestarts() {
    now = Duration.ZERO;
    idle.clear();
    agents.clear();
    seenTasks.clear();
    seenAgents.clear();
    List<TaskName> active = new ArrayList<>();
    for (Task task : tasks.values()) {
      task.busy.clear();
      task.opening = 0;
      task.composing = 0;
      task.frame.ifPresent(FarmWitness::openLeased);
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
    Task task = task(spec.name());
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

  boolean isPaused(TaskName name) {
    return task(name).isPaused;
  }

  /** A task that is not active is removed. */
  void remove(TaskName name) {
    Task task = task(name);
    Surprise.unless(!task.state.isActive(), "An active task is removed", name);
    tasks.remove(name);
  }

  /** All leases that live, by these books. */
  List<Lease> liveLeases() {
    return agents.values().stream()
        .flatMap(agent -> agent.live.values().stream())
        .map(held -> held.lease)
        .toList();
  }

  String latestEvents() {
    return latest.stream().map(Told::toString).collect(Collectors.joining("\n"));
  }

  // What events and effects mean.

  /** Whether an event must change nothing, by these books. */
  private boolean isStale(FarmEvent event) {
    return switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) -> isActive(spec.name());
      case FarmEvent.TaskStopped(TaskName name) -> !isActive(name);
      case FarmEvent.TaskBroke(TaskName name, String _) -> !isActive(name);
      case FarmEvent.TaskPaused(TaskName name) -> !isActive(name) || task(name).isPaused;
      case FarmEvent.TaskResumed(TaskName name) -> !isActive(name) || !task(name).isPaused;
      case FarmEvent.TaskPrioritized(TaskName name, int priority) ->
          !isActive(name) || task(name).priority == priority;
      case FarmEvent.FrameAssembled(TaskName name) -> !isAssembling(name);
      case FarmEvent.CellsProvedBad bad -> !isAssembling(bad.task());
      case FarmEvent.AgentJoined _, FarmEvent.TimePassed _ -> false;
      case FarmEvent.AgentAway(AgentName name, Absence absence, String _) -> {
        Agent agent = agents.get(name);
        yield agent == null
            || switch (absence) {
              case SILENT -> agent.presence != AgentWork.Presence.HERE;
              case LOST -> agent.presence == AgentWork.Presence.GONE;
              case REMOVED -> false;
            };
      }
      case FarmEvent.AgentTerminating(AgentName name, String _) -> {
        Agent agent = agents.get(name);
        yield agent == null || agent.isTerminating;
      }
      case FarmEvent.SceneOpened opened ->
          live(opened.agent(), opened.lease(), opened.attempt())
              .filter(held -> held.lease.work() instanceof Lease.Open)
              .isEmpty();
      case FarmEvent.CellArrived arrived ->
          known(arrived.agent(), arrived.lease(), arrived.attempt())
              .filter(held -> held.waiting.containsKey(arrived.cell()))
              .isEmpty();
      case FarmEvent.CellsReturned returned ->
          known(returned.agent(), returned.lease(), returned.attempt()).isEmpty();
      case FarmEvent.LeaseFailed failed ->
          known(failed.agent(), failed.lease(), failed.attempt()).isEmpty();
      case FarmEvent.PictureArrived arrived ->
          live(arrived.agent(), arrived.lease(), arrived.attempt())
              .filter(held -> held.lease.work() instanceof Lease.Compose)
              .isEmpty();
    };
  }

  private boolean isActive(TaskName name) {
    return tasks.containsKey(name) && task(name).state.isActive();
  }

  private boolean isAssembling(TaskName name) {
    return isActive(name) && task(name).phase == Phase.ASSEMBLING;
  }

  private Optional<Held> live(AgentName name, LeaseId id, int attempt) {
    return Optional.ofNullable(agents.get(name))
        .flatMap(agent -> Optional.ofNullable(agent.live.get(id)))
        .filter(held -> held.lease.attempt() == attempt);
  }

  private Optional<Held> lapsed(AgentName name, LeaseId id, int attempt) {
    return Optional.ofNullable(agents.get(name))
        .flatMap(agent -> Optional.ofNullable(agent.lapsed.get(id)))
        .filter(held -> held.lease.attempt() == attempt);
  }

  /** A lease that lives or has lapsed. */
  private Optional<Held> known(AgentName name, LeaseId id, int attempt) {
    return live(name, id, attempt).or(() -> lapsed(name, id, attempt));
  }

  private void book(FarmEvent event, List<Effect> effects) {
    switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) -> ready(spec);
      case FarmEvent.TaskStopped(TaskName name) -> change(task(name));
      case FarmEvent.TaskBroke(TaskName name, String _) -> change(task(name));
      case FarmEvent.TaskPaused(TaskName name) -> pause(task(name));
      case FarmEvent.TaskResumed(TaskName name) -> {
        change(task(name));
        task(name).isPaused = false;
      }
      case FarmEvent.TaskPrioritized(TaskName name, int priority) -> {
        change(task(name));
        task(name).priority = priority;
      }
      case FarmEvent.AgentJoined joined -> join(joined, effects);
      case FarmEvent.AgentAway(AgentName name, Absence absence, String _) ->
          goAway(agent(name), absence, effects);
      case FarmEvent.AgentTerminating(AgentName name, String _) -> {
        change(agent(name));
        agent(name).isTerminating = true;
      }
      case FarmEvent.SceneOpened opened -> {
        Held held = live(opened.agent(), opened.lease(), opened.attempt()).orElseThrow();
        held.task.isRisky = false;
        held.task.openedBy.put(boot(agent(opened.agent())), opened.facts().blender());
        end(held);
      }
      case FarmEvent.CellArrived arrived -> arrive(arrived, effects);
      case FarmEvent.CellsReturned returned -> {
        Held held = known(returned.agent(), returned.lease(), returned.attempt()).orElseThrow();
        held.isAsked = false;
        change(agent(returned.agent()));
        change(held.task);
        if (held.renders()) {
          returned.cells().forEach(number -> take(held, number));
          endIfDone(held);
        } else {
          end(held);
        }
      }
      case FarmEvent.LeaseFailed failed -> fail(failed, effects);
      case FarmEvent.PictureArrived arrived ->
          end(live(arrived.agent(), arrived.lease(), arrived.attempt()).orElseThrow());
      case FarmEvent.FrameAssembled(TaskName name) -> {
        change(task(name));
        task(name).phase = Phase.COMPOSING;
      }
      case FarmEvent.CellsProvedBad bad -> proveBad(bad);
      case FarmEvent.TimePassed(Duration up) -> {
        now = up.compareTo(now) > 0 ? up : now;
        for (Agent agent : List.copyOf(agents.values())) {
          if (agent.presence == AgentWork.Presence.SILENT
              && now.minus(agent.silentSince).compareTo(rules.silence()) >= 0) {
            lapse(agent, effects);
          }
        }
      }
    }
  }

  private static String boot(Agent agent) {
    return agent.machine.map(AgentMachine::boot).orElse("");
  }

  private void ready(TaskSpec spec) {
    Task task = tasks.computeIfAbsent(spec.name(), Task::new);
    Surprise.unless(
        task.state.mayBecome(TaskState.PENDING), "A task is run again that cannot be", spec.name());
    change(task);
    task.state = TaskState.PENDING;
    task.phase = spec.plan().isPresent() ? Phase.RENDERING : Phase.OPENING;
    task.agentsLimit = spec.agentsLimit();
    task.priority = spec.priority();
    task.isPaused = spec.paused();
    task.setAside.clear();
    task.doubted.clear();
    task.everDoubted.clear();
    task.trusted.clear();
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
  private void takeOver(Task task, Lease lease) {
    Agent agent =
        agents.computeIfAbsent(
            lease.agent(),
            name -> {
              Agent absent = new Agent(name);
              absent.silentSince = now;
              return absent;
            });
    change(agent);
    Held held = new Held(lease, task);
    FrameBooks frame = task.frame.orElseThrow();
    held.waiting
        .values()
        .removeIf(cell -> agent.presence != AgentWork.Presence.SILENT || !frame.isOpen(cell));
    if (!held.waiting.isEmpty()) {
      held.waiting.values().forEach(cell -> frame.add(cell, FrameBooks.Fate.LEASED));
      changed(task, held.waiting.values());
      agent.live.put(lease.id(), held);
      task.begins(lease, 1);
    }
  }

  private void pause(Task task) {
    change(task);
    task.isPaused = true;
    for (AgentName name : task.busy.keySet()) {
      agent(name).live.values().stream()
          .filter(held -> held.task == task)
          .forEach(FarmWitness::mustBeAsked);
      change(agent(name));
    }
  }

  /** Whoever holds cells of a paused task is to give back what it has not begun. */
  private static void mustBeAsked(Held held) {
    held.mustBeAsked = held.task.isPaused && held.renders();
  }

  private void join(FarmEvent.AgentJoined joined, List<Effect> effects) {
    Agent before = agents.get(joined.agent());
    if (before != null
        && !boot(before).isEmpty()
        && !boot(before).equals(joined.machine().boot())) {
      remove(before, effects);
    }
    Agent agent = agents.computeIfAbsent(joined.agent(), Agent::new);
    change(agent);
    agent.machine = Optional.of(joined.machine());
    agent.presence = AgentWork.Presence.HERE;
    agent.idleSince = now;
    Map<LeaseId, HeldLease> told = new HashMap<>();
    joined.held().forEach(held -> told.put(held.lease(), held));
    Set<LeaseId> wanted = new HashSet<>();
    List<Held> all = new ArrayList<>(agent.live.values());
    all.addAll(agent.lapsed.values());
    for (Held held : all) {
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
            .forEach(number -> take(held, number));
        endIfDone(held);
        mustBeAsked(held);
      }
    }
    told.keySet().stream()
        .filter(id -> !wanted.contains(id))
        .forEach(id -> expectRevoked(agent, id, effects));
  }

  private static void expectRevoked(Agent agent, LeaseId id, List<Effect> effects) {
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

  private void goAway(Agent agent, Absence absence, List<Effect> effects) {
    change(agent);
    switch (absence) {
      case SILENT -> {
        agent.presence = AgentWork.Presence.SILENT;
        agent.silentSince = now;
        agent.live.values().forEach(held -> held.isAsked = false);
      }
      case LOST -> lapse(agent, effects);
      case REMOVED -> remove(agent, effects);
    }
  }

  /** An agent's leases run out; what it finishes of them may still be adopted. */
  private void lapse(Agent agent, List<Effect> effects) {
    change(agent);
    for (Held held : List.copyOf(agent.live.values())) {
      expectNoted(held.task, effects);
      held.task.isRisky |= held.lease.work() instanceof Lease.Open;
      NavigableMap<Integer, Cell> left = new TreeMap<>(held.waiting);
      end(held);
      if (!left.isEmpty()) {
        held.waiting.putAll(left);
        agent.lapsed.put(held.lease.id(), held);
      }
    }
    agent.presence = AgentWork.Presence.GONE;
  }

  private void remove(Agent agent, List<Effect> effects) {
    for (Held held : List.copyOf(agent.live.values())) {
      expectNoted(held.task, effects);
      held.task.isRisky |= held.lease.work() instanceof Lease.Open;
      end(held);
    }
    agent.lapsed.clear();
    agents.remove(agent.name);
    change(agent);
    for (Task task : tasks.values()) {
      task.setAside.remove(agent.name);
      task.doubted.remove(agent.name);
      task.everDoubted.remove(agent.name);
      task.trusted.removeIf(trust -> trust.agent.equals(agent.name));
    }
  }

  /** What an agent had when it left is told to the user. */
  private static void expectNoted(Task task, List<Effect> effects) {
    Surprise.unless(
        effects.stream()
            .anyMatch(
                effect -> effect instanceof Effect.Note note && note.task().equals(task.name)),
        "A loss is not told",
        task.name);
  }

  private void arrive(FarmEvent.CellArrived arrived, List<Effect> effects) {
    Held held = known(arrived.agent(), arrived.lease(), arrived.attempt()).orElseThrow();
    change(held.task);
    change(agent(arrived.agent()));
    List<Effect> outcomes =
        effects.stream()
            .filter(effect -> effect instanceof Effect.Keep || effect instanceof Effect.Drop)
            .toList();
    Surprise.unless(outcomes.size() == 1, "A result is not either kept or dropped", outcomes);
    if (outcomes.getFirst() instanceof Effect.Keep) {
      return;
    }
    boolean isLive = live(arrived.agent(), arrived.lease(), arrived.attempt()).isPresent();
    Cell cell = take(held, arrived.cell());
    if (arrived.looks() == CellLooks.FINE) {
      Surprise.unless(
          !isLive && !(held.task.phase == Phase.RENDERING && isOpen(held.task, cell)),
          "A wanted result is dropped",
          cell);
    } else if (isLive) {
      held.task
          .doubted
          .computeIfAbsent(arrived.agent(), _ -> new ArrayList<>())
          .add(new Doubt(cell, arrived.looks()));
      held.task.everDoubted.add(arrived.agent());
    }
    endIfDone(held);
  }

  private static boolean isOpen(Task task, Cell cell) {
    return task.frame.filter(frame -> frame.isOpen(cell)).isPresent();
  }

  private void fail(FarmEvent.LeaseFailed failed, List<Effect> effects) {
    Agent agent = agent(failed.agent());
    change(agent);
    Optional<Held> live = live(failed.agent(), failed.lease(), failed.attempt());
    if (live.isEmpty()) {
      agent.lapsed.remove(failed.lease());
      return;
    }
    Task task = live.get().task;
    boolean isSetAside =
        effects.stream()
            .anyMatch(effect ->
                effect instanceof Effect.Note(TaskName _, String message)
                    && SET_ASIDE.matcher(message).matches());
    if (failed.failure() == FailureKind.MEMORY && isSetAside) {
      task.memoryTooSmall = Math.max(task.memoryTooSmall, agent.memory());
    }
    expectNoted(task, effects);
    end(live.get());
  }

  private void proveBad(FarmEvent.CellsProvedBad bad) {
    Task task = task(bad.task());
    List<Cell> known = bad.cells().stream().distinct().filter(task.stored::contains).toList();
    change(task);
    if (known.isEmpty()) {
      return;
    }
    task.phase = Phase.RENDERING;
    task.stored.removeAll(known);
    known.forEach(task.frame.orElseThrow()::open);
    changed(task, known);
    task.done = 0;
  }

  /** A cell of a lease is not awaited any more; of a live one it is open again. */
  private Cell take(Held held, int number) {
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

  private boolean isLive(Held held) {
    return agent(held.lease.agent()).live.get(held.lease.id()) == held;
  }

  private void endIfDone(Held held) {
    if (held.renders() && held.waiting.isEmpty()) {
      if (isLive(held)) {
        end(held);
      } else {
        agent(held.lease.agent()).lapsed.remove(held.lease.id());
      }
    }
  }

  /** A live lease is over; what was awaited of it is open again. */
  private void end(Held held) {
    Agent agent = agent(held.lease.agent());
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

  private void book(Effect effect) {
    switch (effect) {
      case Effect.Grant(Lease lease) -> grant(lease);
      case Effect.Revoke(AgentName name, LeaseId id, int attempt) -> {
        live(name, id, attempt).ifPresent(this::end);
        lapsed(name, id, attempt)
            .ifPresent(held -> {
              change(agent(name));
              agent(name).lapsed.remove(id);
            });
      }
      case Effect.Steal steal -> steal(steal);
      case Effect.Forget(AgentName _, LeaseId id) ->
          Surprise.unless(rows.remove(id) != null, "A lease is forgotten that is not known", id);
      case Effect.Plan(TaskName name, FramePlan plan) -> plan(task(name), plan);
      case Effect.Keep keep -> keep(keep);
      case Effect.Drop _ -> {}
      case Effect.Assemble(TaskName name) -> {
        Task task = task(name);
        change(task);
        Surprise.unless(task.state == TaskState.RUNNING, "Assembled though it does not run", name);
        Surprise.unless(task.phase == Phase.RENDERING, "Assembled though it is not due", name);
        FrameBooks frame = task.frame.orElseThrow();
        Surprise.unless(frame.storedWork() == frame.work(), "Assembled too early", name);
        task.phase = Phase.ASSEMBLING;
      }
      case Effect.Enter(TaskName name, TaskState state, String reason) -> {
        Task task = task(name);
        change(task);
        Surprise.unless(
            task.state.mayBecome(state), "A state may not follow another", name, task.state, state);
        Surprise.unless(!reason.isBlank(), "A task changes its state for no reason", name, state);
        task.state = state;
      }
      case Effect.Note(TaskName name, String message) -> {
        Surprise.unless(isActive(name), "A note on a task that is not active", name);
        Matcher aside = SET_ASIDE.matcher(message);
        if (aside.matches()) {
          AgentName agent = new AgentName(aside.group(1));
          task(name).setAside.put(agent, MISFIT.matcher(aside.group(2)).matches());
          change(task(name));
        }
      }
      case Effect.SetAside(AgentName name, String _) -> {
        change(agent(name));
        agent(name).isSetAside = true;
      }
      case Effect.GiveBack(AgentName name, String _) -> {
        Agent agent = agent(name);
        change(agent);
        Surprise.unless(
            agent.machine.filter(AgentMachine::rented).isPresent()
                && agent.presence == AgentWork.Presence.HERE
                && !agent.isTerminating
                && agent.live.isEmpty()
                && now.minus(agent.idleSince).compareTo(rules.agentIdle()) >= 0,
            "An agent is given back that is not idle, or not for long",
            name,
            agent.idleSince,
            now);
        agent.isTerminating = true;
      }
    }
  }

  private void grant(Lease lease) {
    Task task = task(lease.task());
    Agent agent = agent(lease.agent());
    Surprise.unless(lease.id().value() > latestLease, "A lease has no new number", lease);
    latestLease = lease.id().value();
    Surprise.unless(lease.attempt() >= 1, "An attempt is numbered from 1", lease);
    Surprise.unless(agent.isUsable(), "A lease for an agent that is not to work", lease);
    Surprise.unless(task.state == TaskState.RUNNING, "A lease of a task not running", lease);
    Surprise.unless(!task.isPaused, "A lease of a paused task", lease);
    Surprise.unless(
        !task.setAside.containsKey(agent.name), "A lease for an agent set aside", lease);
    Surprise.unless(task.hasRoomFor(agent.name), "More agents than the limit", lease, task.busy);
    Surprise.unless(
        !task.doubted.containsKey(agent.name) || !othersCanTell(task),
        "A lease for an agent in doubt",
        lease);
    Optional<BlenderVersion> opened = Optional.ofNullable(task.openedBy.get(boot(agent)));
    if (!(lease.work() instanceof Lease.Open)) {
      Surprise.unless(
          opened.equals(task.plan.map(plan -> plan.facts().blender())),
          "Work on a frame for a process that has not opened it with the frame's Blender",
          lease,
          opened);
    }
    Surprise.unless(
        opened.isPresent() || !isTooSmall(task, agent), "A lease for too small an agent", lease);
    checkPriority(task, agent);
    begin(new Held(lease, task), agent);
  }

  private void begin(Held held, Agent agent) {
    Task task = held.task;
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

  /** Nothing is given to an agent while something of a higher priority could be. */
  private void checkPriority(Task given, Agent agent) {
    if (given.phase == Phase.COMPOSING) {
      return;
    }
    boolean isOpen = given.wantsAgents();
    for (Task other : tasks.values()) {
      if (other != given && (other.priority > given.priority || !isOpen)) {
        Surprise.unless(
            !other.wantsAgents() || !mayCertainlyWorkOn(other, agent),
            "A lease though something more urgent waits",
            given.name,
            other.name,
            agent.name);
      }
    }
  }

  private void steal(Effect.Steal steal) {
    Held held = known(steal.agent(), steal.lease(), steal.attempt()).orElseThrow();
    change(agent(steal.agent()));
    Surprise.unless(
        held.waiting.keySet().containsAll(steal.cells()),
        "Cells are stolen that nobody has",
        steal);
    Surprise.unless(!steal.cells().isEmpty(), "Nothing is stolen", steal);
    boolean isAll = steal.cells().containsAll(held.waiting.keySet());
    if (isLive(held) && !held.task.isPaused) {
      Surprise.unless(!held.isAsked, "Stolen from though a steal is unanswered", steal);
      Surprise.unless(
          agent(steal.agent()).presence == AgentWork.Presence.HERE,
          "Stolen from an agent that is away",
          steal);
    }
    held.isAsked = !held.task.isPaused;
    held.mustBeAsked &= !isAll;
  }

  private void plan(Task task, FramePlan plan) {
    change(task);
    Surprise.unless(task.stored.isEmpty(), "A plan is replaced though cells are stored", task.name);
    Surprise.unless(
        task.frame.filter(frame -> frame.cellsLeased() > 0).isEmpty(),
        "A plan is replaced though cells are leased",
        task.name);
    task.plan = Optional.of(plan);
    task.frame = Optional.of(new FrameBooks(plan.cut()));
    task.phase = Phase.RENDERING;
    task.setAside.values().removeIf(isMisfit -> isMisfit);
  }

  private void keep(Effect.Keep keep) {
    Lease lease = keep.lease();
    Held held = known(lease.agent(), lease.id(), lease.attempt()).orElseThrow();
    Task task = held.task;
    FrameBooks frame = task.frame.orElseThrow();
    Cell cell = held.waiting.remove(keep.number());
    if (cell == null || !cell.equals(keep.cell())) {
      throw new AssertionError("A cell is kept that is not awaited: " + keep);
    }
    boolean isLive = isLive(held);
    Surprise.unless(
        keep.attempt() == lease.attempt() + (isLive ? 0 : 1), "Kept under a wrong attempt", keep);
    if (isLive) {
      frame.store(cell);
    } else {
      Surprise.unless(task.phase == Phase.RENDERING, "Adopted too late", keep);
      frame.add(cell, FrameBooks.Fate.STORED);
    }
    task.stored.add(cell);
    changed(task, List.of(cell));
    bookLooks(task, agent(lease.agent()), cell, isLive);
    endIfDone(held);
  }

  // Doubts.

  private CellLooks arrivedLooks() {
    return latest.getLast().event instanceof FarmEvent.CellArrived arrived
        ? arrived.looks()
        : CellLooks.FINE;
  }

  private void bookLooks(Task task, Agent agent, Cell cell, boolean isLive) {
    CellLooks looks = arrivedLooks();
    Map<AgentName, List<Doubt>> told = toldBy(task, agent, cell);
    if (looks == CellLooks.FINE) {
      told.keySet().forEach(task.doubted::remove);
      return;
    }
    Surprise.unless(isLive, "A doubtful cell is adopted", cell);
    told.values().forEach(doubts -> doubts.removeIf(doubt -> doubt.looks != looks));
    told.values().removeIf(List::isEmpty);
    told.forEach((other, doubts) -> {
      doubts.forEach(doubt -> doubt.told.add(cell));
      if (doubts.stream().anyMatch(Doubt::isToldByAll)) {
        trust(task, other, looks);
      }
    });
    if (!told.isEmpty()) {
      trust(task, agent.name, looks);
    } else if (!task.trusted.contains(new Trust(agent.name, looks))) {
      task.doubted.computeIfAbsent(agent.name, _ -> new ArrayList<>()).add(new Doubt(cell, looks));
      Surprise.unless(
          !othersCanTell(task), "A doubtful cell is kept though another agent could tell", cell);
      trustAll(task);
    }
  }

  /** Doubts about other agents than this one of which a cell tells something. */
  private static Map<AgentName, List<Doubt>> toldBy(Task task, Agent by, Cell cell) {
    Map<AgentName, List<Doubt>> told = new LinkedHashMap<>();
    task.doubted.forEach((agent, doubts) -> {
      for (Doubt doubt : doubts) {
        if (!agent.equals(by.name) && doubt.isToldBy(cell)) {
          told.computeIfAbsent(agent, _ -> new ArrayList<>()).add(doubt);
        }
      }
    });
    return told;
  }

  private static void trust(Task task, AgentName agent, CellLooks looks) {
    task.trusted.add(new Trust(agent, looks));
    List<Doubt> doubts = task.doubted.getOrDefault(agent, new ArrayList<>());
    doubts.removeIf(doubt -> doubt.looks == looks);
    if (doubts.isEmpty()) {
      task.doubted.remove(agent);
      task.everDoubted.remove(agent);
    }
  }

  /** Whether an agent is there that can show what a doubted place looks like. */
  private boolean othersCanTell(Task task) {
    return agents.values().stream()
        .anyMatch(agent ->
            agent.isUsable()
                && !task.setAside.containsKey(agent.name)
                && !mayBeTooSmall(task, agent)
                && !task.doubted.containsKey(agent.name));
  }

  private void settleDoubts() {
    for (Task task : tasks.values()) {
      if (!task.doubted.isEmpty() && !othersCanTell(task)) {
        trustAll(task);
      }
    }
  }

  private static void trustAll(Task task) {
    task.doubted.forEach((agent, doubts) ->
        doubts.forEach(doubt -> task.trusted.add(new Trust(agent, doubt.looks))));
    task.doubted.clear();
  }

  /** Whether an agent has less memory than one that had too little. */
  private static boolean isTooSmall(Task task, Agent agent) {
    long memory = agent.memory();
    return memory > 0 && memory < task.memoryTooSmall;
  }

  /** Whether it has hardly more. */
  private static boolean mayBeTooSmall(Task task, Agent agent) {
    long memory = agent.memory();
    return memory > 0 && memory < task.memoryTooSmall * 1.1;
  }

  private static boolean mayCertainlyWorkOn(Task task, Agent agent) {
    return agent.isUsable()
        && task.hasRoomFor(agent.name)
        && (!task.isRisky || task.opening == 0)
        && !task.setAside.containsKey(agent.name)
        && !mayBeTooSmall(task, agent)
        && !task.everDoubted.contains(agent.name);
  }

  // Checks.

  private void change(Task task) {
    changed.computeIfAbsent(task, _ -> new LinkedHashSet<>());
  }

  private void changed(Task task, Collection<Cell> cells) {
    changed.computeIfAbsent(task, _ -> new LinkedHashSet<>()).addAll(cells);
  }

  private void change(Agent agent) {
    changedAgents.add(agent);
  }

  /** Holds the farm to the books where something has changed. */
  private void check(Farm farm) {
    for (Agent agent : changedAgents) {
      if (agents.get(agent.name) == agent && agent.isIdle()) {
        idle.add(agent);
      } else {
        idle.remove(agent);
      }
      checkLeases(farm, agent);
    }
    changed.forEach((task, cells) -> {
      checkTask(farm, task);
      farm.ledger(task.name).ifPresent(ledger -> task.frame.orElseThrow().check(ledger, cells));
    });
    checkNobodyStarves();
  }

  private void checkLeases(Farm farm, Agent agent) {
    List<Lease> told = farm.leasesOf(agent.name);
    Agent known = agents.get(agent.name);
    int count = known == null ? 0 : known.live.size() + known.lapsed.size();
    Surprise.unless(told.size() == count, "An agent has other leases", agent.name, told);
    if (known == null) {
      return;
    }
    for (Lease lease : told) {
      Held held = known(agent.name, lease.id(), lease.attempt()).orElseThrow();
      Surprise.unless(held.lease.equals(lease), "Another lease lives", lease);
      Surprise.unless(held.task.state.isActive(), "A lease of an ended task lives", lease);
      Surprise.unless(
          !held.renders() || rows.containsKey(lease.id()), "A lease without row", lease);
      Surprise.unless(
          !held.mustBeAsked || !isLive(held) || known.presence != AgentWork.Presence.HERE,
          "A paused task's cells are left to begin",
          lease);
    }
  }

  private void checkTask(Farm farm, Task task) {
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
    Surprise.unless(
        task.agentsLimit == 0 || task.busy.size() <= task.agentsLimit,
        "More agents than the limit",
        task.name,
        task.busy);
    boolean stands = task.busy.isEmpty() && task.phase != Phase.ASSEMBLING;
    Surprise.unless(
        stands == !view.waiting().isEmpty(),
        "A task stands still and does not say why, or the reverse",
        task.phase,
        view);
    Surprise.unless(
        !stands || task.state == TaskState.PENDING || task.phase == Phase.COMPOSING,
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
      for (Task task : changed.keySet()) {
        if (task.wantsAgents()) {
          idle.forEach(agent -> checkItNeedNotWork(agent, task));
        }
      }
    }
    for (Agent agent : changedAgents) {
      if (idle.contains(agent)) {
        tasks.values().stream()
            .filter(Task::wantsAgents)
            .forEach(task -> checkItNeedNotWork(agent, task));
      }
    }
    for (Task task : changed.keySet()) {
      if (task.wantsAComposer()) {
        agents.values().forEach(agent -> checkItNeedNotWork(agent, task));
      }
    }
  }

  private static void checkItNeedNotWork(Agent agent, Task task) {
    Surprise.unless(
        !mayCertainlyWorkOn(task, agent),
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
      Surprise.unless(view.equals(seenTasks.get(view.name())), "Seen otherwise", view, seenTasks);
    }
    for (AgentView view : farm.agentViews()) {
      Surprise.unless(view.equals(seenAgents.get(view.name())), "Seen otherwise", view);
    }
    Surprise.unless(
        seenTasks.size() == farm.taskViews().size()
            && seenAgents.size() == farm.agentViews().size(),
        "Seen though it is gone");
  }

  /** Holds the farm to the books in everything, and the books to what they are computed from. */
  void checkFully(Farm farm) {
    checkReaders(farm);
    Map<Task, List<Cell>> leased = new LinkedHashMap<>();
    Map<Task, Map<AgentName, Integer>> busy = new LinkedHashMap<>();
    Set<LeaseId> known = new HashSet<>();
    int live = 0;
    for (Agent agent : agents.values()) {
      checkLeases(farm, agent);
      Surprise.unless(agent.isIdle() == idle.contains(agent), "Idle or not?", agent.name);
      for (Held held : agent.live.values()) {
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
        rows.values().stream()
            .filter(row -> isActive(row.task()))
            .map(Lease::id)
            .collect(Collectors.toSet());
    Surprise.unless(known.equals(kept), "Rows of no lease, or the reverse", kept, known);
    Surprise.unless(farm.liveLeases().size() == live, "Other leases live", live);
    Surprise.unless(
        farm.taskViews().size() == tasks.values().stream().filter(t -> t.state.isActive()).count(),
        "Other tasks are active");
    for (Task task : tasks.values()) {
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
    TaskState state = task(name).state;
    Surprise.unless(!state.isActive(), "A task does not end", name, farm.taskView(name));
    due.ifPresent(expected ->
        Surprise.unless(state == expected, "A task ends otherwise", name, state, expected));
  }

  /** In the end nothing is left of any lease. */
  void expectNoLeases(Farm farm) {
    checkFully(farm);
    Surprise.unless(farm.liveLeases().isEmpty(), "Leases of ended tasks", farm.liveLeases());
    Surprise.unless(rows.isEmpty(), "Leases are not forgotten", rows);
  }

  private Task task(TaskName name) {
    Task task = tasks.get(name);
    if (task == null) {
      throw new AssertionError("The farm speaks of a task that it never had: " + name);
    }
    return task;
  }

  private Agent agent(AgentName name) {
    Agent agent = agents.get(name);
    if (agent == null) {
      throw new AssertionError("The farm speaks of an agent that it never had: " + name);
    }
    return agent;
  }
}
