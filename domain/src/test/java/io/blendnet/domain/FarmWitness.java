package io.blendnet.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps books of its own on what a farm was told and said, and holds the farm to them: which leases
 * live, which cells are stored, which state each task is in. It knows nothing of how the farm
 * decides.
 */
final class FarmWitness {
  private static final int EVENTS_TOLD = 25;

  /** The plainest check of all tiles against each other is made once in so many events. */
  private static final int EVENTS_BETWEEN_FULL_CHECKS = 40;

  private static final class Task {
    TaskState state = TaskState.PENDING;
    int agentsLimit;
    Optional<FramePlan> plan = Optional.empty();
    boolean assembling;
    double done;
    final Set<Cell> stored = new HashSet<>();
    final Set<AgentName> setAside = new HashSet<>();
    final Set<AgentName> misfits = new HashSet<>();
    final Map<AgentName, BlenderVersion> opened = new HashMap<>();
  }

  private record Told(int number, FarmEvent event, List<Effect> effects) {
    @Override
    public String toString() {
      return number + ". " + event + "\n     -> " + effects;
    }
  }

  private record Live(Lease lease, Set<Integer> waiting) {}

  private final Map<TaskName, Task> tasks = new LinkedHashMap<>();
  private final Map<LeaseId, Live> live = new LinkedHashMap<>();
  private final Set<AgentName> agents = new HashSet<>();
  private final Deque<Told> latest = new ArrayDeque<>();
  private long latestLease;
  private int events;

  /** Has the farm decide, and checks what it says and what it is then. */
  List<Effect> decide(Farm farm, FarmEvent event) {
    events++;
    boolean isStale = isStale(event);
    List<Object> before = isStale ? picture(farm) : List.of();
    List<Effect> effects = farm.decide(event);
    latest.addLast(new Told(events, event, effects));
    if (latest.size() > EVENTS_TOLD) {
      latest.removeFirst();
    }
    if (isStale) {
      require(
          effects.stream().allMatch(Effect.Drop.class::isInstance),
          "A message of no live lease or task had effects");
      require(before.equals(picture(farm)), "A message of no live lease or task changed the farm");
      require(
          !(event instanceof FarmEvent.CellArrived) || effects.size() == 1,
          "The result of a dead lease was not dropped");
      return effects;
    }
    Set<TaskName> touched = new HashSet<>();
    book(event, touched);
    effects.forEach(effect -> book(effect, touched));
    check(farm, event, touched);
    return effects;
  }

  private static List<Object> picture(Farm farm) {
    return List.of(farm.taskViews(), farm.agentViews(), farm.liveLeases(), farm.nextLease());
  }

  /** The Manager's memory is gone; which tasks it has to take up again. */
  List<TaskName> managerRestarts() {
    live.clear();
    agents.clear();
    List<TaskName> active = new ArrayList<>();
    tasks.forEach((name, task) -> {
      if (task.state.isActive()) {
        active.add(name);
        // The store says that the task is active; the farm begins with it as pending.
        task.state = TaskState.STOPPED;
      }
    });
    return active;
  }

  /** A task with what is stored of it. */
  TaskSpec stored(TaskSpec spec) {
    Task task = task(spec.name());
    return new TaskSpec(
        spec.name(),
        spec.scene(),
        spec.frame(),
        spec.strategy(),
        spec.agentsLimit(),
        spec.created(),
        task.plan,
        List.copyOf(task.stored));
  }

  List<Cell> storedCells(TaskName name) {
    return task(name).stored.stream().sorted(ORDER).toList();
  }

  private static final Comparator<Cell> ORDER =
      Comparator.comparing(Cell::tile).thenComparing(Cell::samples);

  TaskState state(TaskName name) {
    return task(name).state;
  }

  String latestEvents() {
    return latest.stream().map(Told::toString).collect(Collectors.joining("\n"));
  }

  static Optional<AgentName> agent(FarmEvent event) {
    return switch (event) {
      case FarmEvent.AgentJoined(AgentName agent, int _) -> Optional.of(agent);
      case FarmEvent.AgentLeft(AgentName agent, String _) -> Optional.of(agent);
      case FarmEvent.SceneOpened opened -> Optional.of(opened.agent());
      case FarmEvent.CellArrived arrived -> Optional.of(arrived.agent());
      case FarmEvent.LeaseFailed failed -> Optional.of(failed.agent());
      case FarmEvent.PictureArrived arrived -> Optional.of(arrived.agent());
      case FarmEvent.TaskReady _,
          FarmEvent.TaskStopped _,
          FarmEvent.FrameAssembled _,
          FarmEvent.CellsProvedBad _,
          FarmEvent.TaskBroke _ ->
          Optional.empty();
    };
  }

  /** Whether an event must change nothing, by these books. */
  private boolean isStale(FarmEvent event) {
    return switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) ->
          tasks.containsKey(spec.name()) && task(spec.name()).state.isActive();
      case FarmEvent.TaskStopped(TaskName name) -> !isActive(name);
      case FarmEvent.TaskBroke(TaskName name, String _) -> !isActive(name);
      case FarmEvent.FrameAssembled(TaskName name) -> !isActive(name) || !task(name).assembling;
      case FarmEvent.CellsProvedBad bad -> !isActive(bad.task()) || !task(bad.task()).assembling;
      case FarmEvent.AgentJoined _ -> false;
      case FarmEvent.AgentLeft(AgentName agent, String _) -> !agents.contains(agent);
      case FarmEvent.SceneOpened opened ->
          lease(opened.agent(), opened.lease(), opened.attempt())
              .filter(known -> known.lease.work() instanceof Lease.Open)
              .isEmpty();
      case FarmEvent.CellArrived arrived ->
          lease(arrived.agent(), arrived.lease(), arrived.attempt())
              .filter(known -> known.waiting.contains(arrived.cell()))
              .isEmpty();
      case FarmEvent.LeaseFailed failed ->
          lease(failed.agent(), failed.lease(), failed.attempt()).isEmpty();
      case FarmEvent.PictureArrived arrived ->
          lease(arrived.agent(), arrived.lease(), arrived.attempt())
              .filter(known -> known.lease.work() instanceof Lease.Compose)
              .isEmpty();
    };
  }

  private boolean isActive(TaskName name) {
    return tasks.containsKey(name) && task(name).state.isActive();
  }

  private Optional<Live> lease(AgentName agent, LeaseId id, int attempt) {
    return Optional.ofNullable(live.get(id))
        .filter(known -> known.lease.agent().equals(agent) && known.lease.attempt() == attempt);
  }

  private void book(FarmEvent event, Set<TaskName> touched) {
    switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) -> {
        Task task = tasks.computeIfAbsent(spec.name(), _ -> new Task());
        require(
            task.state == TaskState.PENDING || task.state.mayBecome(TaskState.PENDING),
            "A task is run again that cannot be");
        task.state = TaskState.PENDING;
        task.agentsLimit = spec.agentsLimit();
        task.setAside.clear();
        task.misfits.clear();
        task.opened.clear();
        task.assembling = false;
        touched.add(spec.name());
      }
      case FarmEvent.AgentJoined(AgentName agent, int _) -> {
        forget(agent, touched);
        agents.add(agent);
      }
      case FarmEvent.AgentLeft(AgentName agent, String _) -> forget(agent, touched);
      case FarmEvent.SceneOpened opened -> {
        task(known(opened.lease()).lease.task())
            .opened
            .put(opened.agent(), opened.facts().blender());
        end(opened.lease(), touched);
      }
      case FarmEvent.LeaseFailed failed -> end(failed.lease(), touched);
      case FarmEvent.PictureArrived arrived -> end(arrived.lease(), touched);
      case FarmEvent.FrameAssembled(TaskName name) -> task(name).assembling = false;
      case FarmEvent.CellsProvedBad bad -> {
        Task task = task(bad.task());
        task.assembling = false;
        bad.cells().forEach(task.stored::remove);
        task.done = 0;
        touched.add(bad.task());
      }
      case FarmEvent.CellArrived arrived -> touched.add(known(arrived.lease()).lease.task());
      case FarmEvent.TaskStopped(TaskName name) -> touched.add(name);
      case FarmEvent.TaskBroke(TaskName name, String _) -> touched.add(name);
    }
  }

  private void forget(AgentName agent, Set<TaskName> touched) {
    agents.remove(agent);
    tasks
        .values()
        .forEach(task -> {
          task.setAside.remove(agent);
          task.misfits.remove(agent);
          task.opened.remove(agent);
        });
    live.values()
        .removeIf(known -> {
          boolean isOfAgent = known.lease.agent().equals(agent);
          if (isOfAgent) {
            touched.add(known.lease.task());
          }
          return isOfAgent;
        });
  }

  private void end(LeaseId id, Set<TaskName> touched) {
    touched.add(known(id).lease.task());
    live.remove(id);
  }

  private Live known(LeaseId id) {
    return Objects.requireNonNull(live.get(id));
  }

  private void book(Effect effect, Set<TaskName> touched) {
    switch (effect) {
      case Effect.Grant(Lease lease) -> {
        touched.add(lease.task());
        require(lease.id().value() > latestLease, "A lease has no new number");
        latestLease = lease.id().value();
        require(agents.contains(lease.agent()), "A lease for an agent that is not there");
        require(task(lease.task()).state == TaskState.RUNNING, "A lease of a task not running");
        require(
            !task(lease.task()).setAside.contains(lease.agent()),
            "A lease for an agent that was set aside");
        require(
            lease.work() instanceof Lease.Open || isOpenedByTheFramesBlender(lease),
            "Work on a frame for an agent that has not opened it with the frame's Blender");
        require(lease.attempt() >= 1, "An attempt is numbered from 1");
        Set<Integer> waiting = new HashSet<>();
        for (int i = 0; i < TestingFarm.cells(lease).size(); i++) {
          waiting.add(i);
        }
        live.put(lease.id(), new Live(lease, waiting));
      }
      case Effect.Revoke(Lease lease) -> {
        require(live.containsKey(lease.id()), "A lease is revoked that does not live");
        end(lease.id(), touched);
      }
      case Effect.Plan(TaskName name, FramePlan plan) -> {
        Task task = task(name);
        require(task.stored.isEmpty(), "A plan is replaced though cells are stored");
        task.plan = Optional.of(plan);
        task.setAside.removeAll(task.misfits);
        task.misfits.clear();
        touched.add(name);
      }
      case Effect.Keep(Lease lease, int number, Cell cell) -> {
        Live known = known(lease.id());
        require(known.waiting.remove(number), "A cell is kept twice");
        require(
            TestingFarm.cells(lease).get(number).equals(cell), "Another cell is kept than leased");
        Task task = task(lease.task());
        require(task.stored.add(cell), "A stored cell is stored again");
        if (known.waiting.isEmpty()) {
          live.remove(lease.id());
        }
      }
      case Effect.Drop drop -> throw new AssertionError("A wanted result is dropped: " + drop);
      case Effect.Assemble(TaskName name) -> {
        Task task = task(name);
        require(task.state == TaskState.RUNNING, "A task is assembled that does not run");
        require(!task.assembling, "A frame is assembled twice at a time");
        task.assembling = true;
        requireExactlyOnce(task);
      }
      case Effect.Enter(TaskName name, TaskState state, String reason) -> {
        Task task = task(name);
        require(
            task.state.mayBecome(state),
            "A task may not change its state so",
            name,
            task.state,
            state);
        require(!reason.isBlank(), "A task changes its state for no reason", name, state);
        task.state = state;
        touched.add(name);
      }
      case Effect.Note(TaskName name, String message) -> {
        require(isActive(name), "A note on a task that is not active");
        for (AgentName agent : agents) {
          if (message.startsWith("Agent %s gets no more of this task".formatted(agent))) {
            task(name).setAside.add(agent);
            if (message.contains("the frame was begun with")) {
              task(name).misfits.add(agent);
            }
          }
        }
      }
    }
  }

  private boolean isOpenedByTheFramesBlender(Lease lease) {
    Task task = task(lease.task());
    BlenderVersion frames = task.plan.orElseThrow().facts().blender();
    return frames.equals(task.opened.get(lease.agent()));
  }

  private static void requireExactlyOnce(Task task) {
    FrameCut cut = task.plan.orElseThrow().cut();
    long work = 0;
    List<Cell> cells = List.copyOf(task.stored);
    for (int i = 0; i < cells.size(); i++) {
      work += cells.get(i).work();
      for (int k = 0; k < i; k++) {
        require(!overlap(cells.get(i), cells.get(k)), "A cell is stored twice", cells.get(i));
      }
    }
    require(work == cut.size().area() * cut.samples(), "Assembled though something is missing");
  }

  private static boolean overlap(Cell one, Cell other) {
    return one.tile().overlaps(other.tile()) && one.samples().overlaps(other.samples());
  }

  private void check(Farm farm, FarmEvent event, Set<TaskName> touched) {
    Map<LeaseId, Lease> leases = new HashMap<>();
    farm.liveLeases().forEach(lease -> leases.put(lease.id(), lease));
    require(leases.size() == live.size(), "Other leases live", leases.keySet(), live.keySet());
    for (Live known : live.values()) {
      require(
          known.lease.equals(leases.get(known.lease.id())), "A lease lives no longer", known.lease);
      require(isActive(known.lease.task()), "A lease of an ended task lives", known.lease);
    }
    Map<TaskName, TaskView> views = new HashMap<>();
    farm.taskViews().forEach(view -> views.put(view.name(), view));
    Map<TaskName, Set<AgentName>> busy = new HashMap<>();
    for (Live known : live.values()) {
      busy.computeIfAbsent(known.lease.task(), _ -> new HashSet<>()).add(known.lease.agent());
    }
    boolean isFull = events % EVENTS_BETWEEN_FULL_CHECKS == 0;
    tasks.forEach((name, task) -> {
      require(task.state.isActive() == views.containsKey(name), "Active or not", name, task.state);
      if (task.state.isActive()) {
        checkTask(task, Objects.requireNonNull(views.get(name)), busy.getOrDefault(name, Set.of()));
        if (isFull || touched.contains(name)) {
          farm.ledger(name).ifPresent(ledger -> checkLedger(name, task, ledger, isFull));
        }
      }
    });
    checkNobodyStarves(farm, busy);
    if (event instanceof FarmEvent.TaskReady) {
      require(views.size() <= tasks.size(), "Tasks from nowhere");
    }
  }

  private static void checkTask(Task task, TaskView view, Set<AgentName> busy) {
    TaskName name = view.name();
    require(view.state() == task.state, "The view tells another state", name, task.state, view);
    require(
        task.agentsLimit == 0 || busy.size() <= task.agentsLimit,
        "More agents than the limit",
        name,
        task.agentsLimit,
        busy);
    boolean stands = busy.isEmpty() && !task.assembling;
    require(
        stands == !view.waiting().isEmpty(),
        "A task stands still and does not say why, or the reverse",
        name,
        view);
    require(
        !stands || task.state == TaskState.PENDING || view.done() == 1,
        "A task is running though nobody is at it",
        name);
    require(view.done() >= task.done, "Something done was lost", name, view.done(), task.done);
    task.done = view.done();
    require(
        view.cellsStored() == task.stored.size(),
        "Another number of cells is stored",
        task.stored,
        view);
  }

  private void checkLedger(TaskName name, Task task, Ledger ledger, boolean isFull) {
    long open = 0;
    long leased = 0;
    long stored = 0;
    long area = 0;
    for (Ledger.Entry entry : ledger.entries()) {
      long pixels = entry.tile().area();
      area += pixels;
      open += pixels * entry.open().count();
      leased += pixels * entry.leased().count();
      stored += pixels * entry.stored().count();
      require(
          entry.open().count() + entry.leased().count() + entry.stored().count()
              == ledger.samples(),
          "Stored, leased and open are not all samples",
          entry);
      for (SampleRange range : entry.leased().ranges()) {
        require(!entry.open().overlaps(range), "Leased and open", entry);
        require(!entry.stored().overlaps(range), "Leased and stored", entry);
      }
      for (SampleRange range : entry.stored().ranges()) {
        require(!entry.open().overlaps(range), "Stored and open", entry);
      }
    }
    require(area == ledger.size().area(), "The tiles do not partition the frame", name);
    require(open == ledger.openWork(), "Open work is counted wrong", name, open);
    require(leased == ledger.leasedWork(), "Leased work is counted wrong", name, leased);
    require(stored == ledger.storedWork(), "Stored work is counted wrong", name, stored);
    // Cells lie in what is leased and have as much work as it: none is in two live leases.
    long cellsLeased = 0;
    for (Live known : live.values()) {
      if (known.lease.task().equals(name)) {
        for (int number : known.waiting) {
          Cell cell = TestingFarm.cells(known.lease).get(number);
          cellsLeased += cell.work();
          require(ledger.isLeased(cell), "The ledger has a cell not as leased", cell);
        }
      }
    }
    require(cellsLeased == leased, "Leased work has no live lease, or two", leased, name);
    long cellsStored = task.stored.stream().mapToLong(Cell::work).sum();
    require(
        cellsStored == stored,
        "Stored cells are not what the ledger has as stored",
        name,
        cellsStored,
        stored);
    if (isFull) {
      checkTilesAreDisjoint(List.copyOf(ledger.entries()));
    }
  }

  private static void checkTilesAreDisjoint(List<Ledger.Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      for (int k = 0; k < i; k++) {
        require(
            !entries.get(i).tile().overlaps(entries.get(k).tile()),
            "Tiles overlap",
            entries.get(i),
            entries.get(k));
      }
    }
  }

  /** An agent without a lease is one that no task can use. */
  private void checkNobodyStarves(Farm farm, Map<TaskName, Set<AgentName>> busy) {
    Set<AgentName> idle = new HashSet<>(agents);
    live.values().forEach(known -> idle.remove(known.lease.agent()));
    if (idle.isEmpty()) {
      return;
    }
    tasks.forEach((name, task) -> {
      boolean hasRoom =
          task.agentsLimit == 0 || busy.getOrDefault(name, Set.of()).size() < task.agentsLimit;
      boolean hasWork =
          task.state.isActive()
              && hasRoom
              && farm.ledger(name).map(ledger -> ledger.openWork() > 0).orElse(true);
      require(
          !hasWork || task.setAside.containsAll(idle),
          "Agents have nothing to do though a task wants them",
          idle,
          name);
    });
  }

  /** In the end a task has ended as it should: with a picture, or where that is due, an error. */
  void expectEnded(Farm farm, TaskName name, Optional<TaskState> due) {
    TaskState state = task(name).state;
    require(
        !state.isActive(),
        "A task does not end",
        name,
        farm.taskViews().stream().filter(view -> view.name().equals(name)).toList());
    due.ifPresent(expected -> require(state == expected, "A task ends otherwise", name, state));
  }

  private Task task(TaskName name) {
    Task task = tasks.get(name);
    if (task == null) {
      throw new AssertionError("The farm speaks of a task that it never had: " + name);
    }
    return task;
  }

  private static void require(boolean condition, String message, Object... about) {
    if (!condition) {
      throw new AssertionError(message + " " + Arrays.toString(about));
    }
  }
}
