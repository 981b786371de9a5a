package io.blendnet.domain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The scheduler: which agent does what. Deterministic: the same events give the same effects. It
 * holds active tasks only; one that ends leaves its memory.
 *
 * <p>Not thread-safe: it belongs to the farm loop.
 */
public final class Farm {
  /** Assumed before an agent has rendered a cell of a scene: pixel samples a second and core. */
  private static final double ASSUMED_WORK_PER_CORE = 200_000;

  private static final double FIRST_CELL_SECONDS = 1;
  private static final double SHORTEST_CELL_SECONDS = 2;
  private static final double LONGEST_CELL_SECONDS = 10;

  /** Cells shrink towards the end of a frame, so that agents finish together, but not below. */
  private static final double SHORTEST_LAST_CELL_SECONDS = 0.7;

  /** Cells are as long as it takes to keep what does not grow with them below this share. */
  private static final double FIXED_SHARE = 0.03;

  /** While an agent is hardly known, a cell has at most this many times its largest one's work. */
  private static final int GROWTH = 4;

  private static final int CELLS_UNTIL_KNOWN = 4;

  /** One cell in progress and one to begin at once; more only where they are very short. */
  private static final int CELLS_AHEAD = 2;

  private static final int MOST_CELLS_AHEAD = 6;
  private static final double SECONDS_AHEAD = 1.5;

  private static final int FAILURES_UNTIL_SET_ASIDE = 2;
  private static final int MOST_COMPOSE_ATTEMPTS = 3;

  private static final Comparator<TaskWork> OLDEST_FIRST =
      Comparator.comparing((TaskWork task) -> task.spec.created())
          .thenComparing(task -> task.spec.name());

  private final Map<TaskName, TaskWork> tasks = new LinkedHashMap<>();
  private final Map<AgentName, AgentWork> agents = new LinkedHashMap<>();
  private List<Effect> effects = new ArrayList<>();
  private long nextLease;

  /**
   * A farm without tasks and agents.
   *
   * @param firstLease the number of the first lease, larger than any this farm ever gave
   */
  public Farm(LeaseId firstLease) {
    this.nextLease = firstLease.value();
  }

  /** The number that the next lease will have. */
  public LeaseId nextLease() {
    return new LeaseId(nextLease);
  }

  /** Takes an event in and says what is to be done about it. */
  public List<Effect> decide(FarmEvent event) {
    effects = new ArrayList<>();
    switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) -> begin(spec);
      case FarmEvent.TaskStopped(TaskName name) -> stop(name);
      case FarmEvent.AgentJoined(AgentName name, int cores) -> join(name, cores);
      case FarmEvent.AgentLeft(AgentName name, String reason) -> leave(name, reason);
      case FarmEvent.SceneOpened opened -> sceneOpened(opened);
      case FarmEvent.CellArrived arrived -> cellArrived(arrived);
      case FarmEvent.LeaseFailed failed -> leaseFailed(failed);
      case FarmEvent.FrameAssembled(TaskName name) -> frameAssembled(name);
      case FarmEvent.CellsProvedBad bad -> cellsProvedBad(bad);
      case FarmEvent.TaskBroke(TaskName name, String message) ->
          task(name).ifPresent(task -> end(task, TaskState.ERROR, message));
      case FarmEvent.PictureArrived arrived -> pictureArrived(arrived);
    }
    schedule();
    return List.copyOf(effects);
  }

  /** All active tasks, oldest first. */
  public List<TaskView> taskViews() {
    return tasks.values().stream().sorted(OLDEST_FIRST).map(this::view).toList();
  }

  /** All connected agents, in the order in which they joined. */
  public List<AgentView> agentViews() {
    return agents.values().stream().map(this::view).toList();
  }

  /** The ledger of an active task whose cut is decided. */
  public Optional<Ledger> ledger(TaskName name) {
    return task(name).flatMap(task -> task.ledger);
  }

  /** All live leases. */
  public List<Lease> liveLeases() {
    return agents.values().stream()
        .flatMap(agent -> agent.leases.values().stream())
        .map(live -> live.lease)
        .toList();
  }

  private void begin(TaskSpec spec) {
    if (tasks.containsKey(spec.name())) {
      return;
    }
    TaskWork task = new TaskWork(spec);
    tasks.put(spec.name(), task);
    spec.plan().ifPresent(plan -> restore(task, plan));
  }

  private void restore(TaskWork task, FramePlan plan) {
    Ledger ledger = new Ledger(plan.cut().size(), plan.cut().samples());
    for (Cell cell : task.spec.stored()) {
      if (ledger.restore(cell)) {
        task.cellsStored++;
      }
    }
    task.plan = Optional.of(plan);
    task.ledger = Optional.of(ledger);
    task.phase = TaskWork.Phase.RENDERING;
    assembleIfComplete(task);
  }

  private void stop(TaskName name) {
    task(name).ifPresent(task -> end(task, TaskState.STOPPED, "stopped by the user"));
  }

  private void join(AgentName name, int cores) {
    if (agents.containsKey(name)) {
      leave(name, "started anew");
    }
    agents.put(name, new AgentWork(name, cores));
  }

  private void leave(AgentName name, String reason) {
    AgentWork agent = agents.remove(name);
    if (agent == null) {
      return;
    }
    for (AgentWork.LiveLease live : agent.leases.values()) {
      TaskWork task = taskOf(live.lease);
      giveUp(task, live);
      effects.add(new Effect.Note(task.spec.name(), "Agent %s left: %s".formatted(name, reason)));
    }
    for (TaskWork task : tasks.values()) {
      task.opened.remove(name);
      task.setAside.remove(name);
      task.failures.remove(name);
      pendingIfIdle(task);
    }
  }

  private void sceneOpened(FarmEvent.SceneOpened opened) {
    Optional<AgentWork.LiveLease> live = live(opened.agent(), opened.lease(), opened.attempt());
    if (live.isEmpty() || !(live.get().lease.work() instanceof Lease.Open)) {
      return;
    }
    TaskWork task = taskOf(live.get().lease);
    endLease(task, live.get());
    if (task.plan.isEmpty()) {
      plan(task, opened.facts());
      return;
    }
    FramePlan plan = task.plan.get();
    mismatch(plan.facts(), opened.facts())
        .ifPresent(reason -> {
          setAside(task, opened.agent(), reason);
          errorIfNobodyIsLeft(task);
        });
  }

  private void plan(TaskWork task, SceneFacts facts) {
    switch (FrameCut.decide(task.spec.strategy(), facts)) {
      case FrameCut.Decision.Refused(String reason) -> end(task, TaskState.ERROR, reason);
      case FrameCut.Decision.Taken(FrameCut cut) -> {
        FramePlan plan = new FramePlan(cut, facts);
        task.plan = Optional.of(plan);
        task.ledger = Optional.of(new Ledger(cut.size(), cut.samples()));
        task.phase = TaskWork.Phase.RENDERING;
        effects.add(new Effect.Plan(task.spec.name(), plan));
      }
    }
  }

  /** Pictures of different versions differ, and a frame's cells must fit together. */
  private static Optional<String> mismatch(SceneFacts first, SceneFacts other) {
    if (!first.blender().equals(other.blender())) {
      return Optional.of(
          "has Blender %s, the frame was begun with %s"
              .formatted(other.blender(), first.blender()));
    }
    if (!first.size().equals(other.size()) || first.samples() != other.samples()) {
      return Optional.of(
          "opens the scene with %s and %d samples, the first agent with %s and %d"
              .formatted(other.size(), other.samples(), first.size(), first.samples()));
    }
    return Optional.empty();
  }

  private void cellArrived(FarmEvent.CellArrived arrived) {
    Optional<AgentWork.LiveLease> live = live(arrived.agent(), arrived.lease(), arrived.attempt());
    Optional<Cell> waiting = live.map(known -> known.waiting.remove(arrived.cell()));
    if (live.isEmpty() || waiting.isEmpty()) {
      effects.add(new Effect.Drop(arrived.agent(), arrived.lease(), arrived.attempt()));
      return;
    }
    Cell cell = waiting.get();
    Lease lease = live.get().lease;
    TaskWork task = taskOf(lease);
    task.ledger.orElseThrow().store(cell);
    task.cellsStored++;
    task.storedWork.merge(lease.agent(), cell.work(), Long::sum);
    task.storedCells.merge(lease.agent(), 1, Integer::sum);
    task.failures.remove(lease.agent());
    agent(lease.agent()).speed(task.spec.scene()).learn(cell, arrived.timings());
    effects.add(new Effect.Keep(lease, arrived.cell(), cell));
    if (live.get().waiting.isEmpty()) {
      endLease(task, live.get());
    }
    assembleIfComplete(task);
  }

  private void assembleIfComplete(TaskWork task) {
    if (task.ledger.orElseThrow().isComplete()) {
      task.phase = TaskWork.Phase.ASSEMBLING;
      enter(task, TaskState.RUNNING, "assembling the frame");
      effects.add(new Effect.Assemble(task.spec.name()));
    }
  }

  private void leaseFailed(FarmEvent.LeaseFailed failed) {
    Optional<AgentWork.LiveLease> live = live(failed.agent(), failed.lease(), failed.attempt());
    if (live.isEmpty()) {
      return;
    }
    Lease lease = live.get().lease;
    TaskWork task = taskOf(lease);
    endLease(task, live.get());
    task.opened.remove(lease.agent());
    task.latestFailure = "Agent %s: %s".formatted(lease.agent(), failed.message());
    effects.add(new Effect.Note(task.spec.name(), task.latestFailure));
    switch (failed.failure()) {
      case SCENE -> end(task, TaskState.ERROR, failed.message());
      case MACHINE -> setAside(task, lease.agent(), failed.message());
      case MEMORY, BLENDER -> {
        int failures = task.failures.merge(lease.agent(), 1, Integer::sum);
        if (failures >= FAILURES_UNTIL_SET_ASIDE) {
          setAside(task, lease.agent(), failed.message());
        }
      }
    }
    errorIfNobodyIsLeft(task);
    pendingIfIdle(task);
  }

  private void endLease(TaskWork task, AgentWork.LiveLease live) {
    agent(live.lease.agent()).leases.remove(live.lease.id());
    giveUp(task, live);
  }

  /** A lease is over: cells of it that have not come are open again. */
  private void giveUp(TaskWork task, AgentWork.LiveLease live) {
    task.ledger.ifPresent(ledger -> live.waiting.values().forEach(ledger::release));
    live.waiting.clear();
    task.leaseEnds(live.lease.agent());
  }

  private void setAside(TaskWork task, AgentName name, String reason) {
    task.setAside.put(name, reason);
    task.opened.remove(name);
    revokeLeases(task, name);
    effects.add(
        new Effect.Note(
            task.spec.name(), "Agent %s gets no more of this task: %s".formatted(name, reason)));
  }

  private void errorIfNobodyIsLeft(TaskWork task) {
    if (task.state.isActive() && task.setAside.keySet().containsAll(agents.keySet())) {
      String message =
          task.latestFailure.isEmpty()
              ? task.setAside.values().stream().findFirst().orElse("no agent can render it")
              : task.latestFailure;
      end(task, TaskState.ERROR, message);
    }
  }

  private void frameAssembled(TaskName name) {
    task(name)
        .filter(task -> task.phase == TaskWork.Phase.ASSEMBLING)
        .ifPresent(task -> task.phase = TaskWork.Phase.COMPOSING);
  }

  private void cellsProvedBad(FarmEvent.CellsProvedBad bad) {
    Optional<TaskWork> found =
        task(bad.task()).filter(task -> task.phase == TaskWork.Phase.ASSEMBLING);
    if (found.isEmpty()) {
      return;
    }
    TaskWork task = found.get();
    Ledger old = task.ledger.orElseThrow();
    Ledger ledger = new Ledger(old.size(), old.samples());
    for (Ledger.Entry entry : old.entries()) {
      for (SampleRange range : entry.stored().ranges()) {
        Cell cell = new Cell(entry.tile(), range);
        if (bad.cells().stream().noneMatch(lost -> overlap(lost, cell))) {
          ledger.restore(cell);
        }
      }
    }
    task.ledger = Optional.of(ledger);
    task.phase = TaskWork.Phase.RENDERING;
    effects.add(new Effect.Note(bad.task(), bad.message()));
  }

  private static boolean overlap(Cell one, Cell other) {
    return one.tile().overlaps(other.tile()) && one.samples().overlaps(other.samples());
  }

  private void pictureArrived(FarmEvent.PictureArrived arrived) {
    live(arrived.agent(), arrived.lease(), arrived.attempt())
        .filter(live -> live.lease.work() instanceof Lease.Compose)
        .ifPresent(live -> {
          TaskWork task = taskOf(live.lease);
          endLease(task, live);
          end(task, TaskState.COMPLETED, "the picture is there");
        });
  }

  /** Gives every agent that can take more something to do. */
  private void schedule() {
    for (TaskWork task : List.copyOf(tasks.values())) {
      if (task.phase == TaskWork.Phase.COMPOSING && task.liveLeases.isEmpty()) {
        compose(task);
      }
    }
    for (AgentWork agent : agents.values()) {
      boolean granted = true;
      while (granted && takesMore(agent)) {
        granted = choose(agent).map(task -> grantWork(agent, task)).orElse(false);
      }
    }
  }

  private void compose(TaskWork task) {
    if (task.composeAttempts >= MOST_COMPOSE_ATTEMPTS) {
      end(task, TaskState.ERROR, task.latestFailure);
      return;
    }
    agents.values().stream()
        .filter(agent -> !task.setAside.containsKey(agent.name))
        .min(
            Comparator.comparing((AgentWork agent) -> !task.opened.contains(agent.name))
                .thenComparingInt(agent -> task.failures.getOrDefault(agent.name, 0))
                .thenComparingLong(AgentWork::waitingWork)
                .thenComparing(agent -> agent.name))
        .ifPresent(agent -> {
          task.composeAttempts++;
          grant(agent, task, task.composeAttempts, new Lease.Compose());
        });
  }

  private boolean takesMore(AgentWork agent) {
    if (agent.opensOrComposes() && agent.waitingCells() == 0) {
      // What an agent is to render next is known when the scene's facts are, unless they are.
      return agent.leases.size() == 1 && opensPlannedTask(agent);
    }
    int cells = agent.waitingCells();
    if (cells < CELLS_AHEAD) {
      return true;
    }
    return cells < MOST_CELLS_AHEAD && secondsAhead(agent) < SECONDS_AHEAD && agents.size() == 1;
  }

  private boolean opensPlannedTask(AgentWork agent) {
    return agent.leases.values().stream()
        .allMatch(live ->
            live.lease.work() instanceof Lease.Open
                && taskOf(live.lease).phase == TaskWork.Phase.RENDERING);
  }

  private double secondsAhead(AgentWork agent) {
    return agent
        .currentTask()
        .flatMap(this::task)
        .map(task -> agent.waitingWork() / workPerSecond(agent, task))
        .orElse(0.0);
  }

  /**
   * The task that an agent should work on: the one it is at; else the oldest that nobody is at, so
   * that with more frames than agents each agent renders a whole frame; else where most is open for
   * each agent.
   */
  private Optional<TaskWork> choose(AgentWork agent) {
    List<TaskWork> wanting =
        tasks.values().stream().filter(task -> wants(task, agent)).sorted(OLDEST_FIRST).toList();
    Optional<TaskWork> current =
        wanting.stream().filter(task -> task.liveLeases.containsKey(agent.name)).findFirst();
    if (current.isPresent()) {
      return current;
    }
    Optional<TaskWork> lonely =
        wanting.stream().filter(task -> task.liveLeases.isEmpty()).findFirst();
    if (lonely.isPresent()) {
      return lonely;
    }
    return wanting.stream().max(Comparator.comparingDouble(Farm::openWorkForEach));
  }

  private boolean wants(TaskWork task, AgentWork agent) {
    if (task.setAside.containsKey(agent.name)) {
      return false;
    }
    boolean isAtIt = task.liveLeases.containsKey(agent.name);
    int limit = task.spec.agentsLimit();
    if (!isAtIt && limit > 0 && task.liveLeases.size() >= limit) {
      return false;
    }
    return switch (task.phase) {
      case OPENING -> agent.leases.isEmpty();
      case RENDERING -> task.hasOpenCells();
      case ASSEMBLING, COMPOSING -> false;
    };
  }

  private static double openWorkForEach(TaskWork task) {
    long open = task.ledger.map(Ledger::openWork).orElse(0L);
    return (double) open / (task.liveLeases.size() + 1);
  }

  private boolean grantWork(AgentWork agent, TaskWork task) {
    if (!task.opened.contains(agent.name)) {
      task.opened.add(agent.name);
      grant(agent, task, 1, new Lease.Open());
      return true;
    }
    if (task.phase != TaskWork.Phase.RENDERING) {
      return false;
    }
    Ledger ledger = task.ledger.orElseThrow();
    FrameCut cut = task.plan.orElseThrow().cut();
    Optional<Cell> cell = cut.leaseNext(ledger, wantedWork(agent, task));
    if (cell.isEmpty()) {
      return false;
    }
    task.latestCellSamples = cell.get().samples().size();
    grant(agent, task, ledger.attempts(cell.get()), new Lease.Render(List.of(cell.get()), cut));
    return true;
  }

  private void grant(AgentWork agent, TaskWork task, int attempt, Lease.Work work) {
    Lease lease = new Lease(new LeaseId(nextLease++), task.spec.name(), agent.name, attempt, work);
    agent.leases.put(lease.id(), new AgentWork.LiveLease(lease));
    task.leaseBegins(agent.name);
    enter(task, TaskState.RUNNING, "agent %s works on it".formatted(agent.name));
    effects.add(new Effect.Grant(lease));
  }

  /** Pixel samples of the next cell for an agent. */
  private long wantedWork(AgentWork agent, TaskWork task) {
    Speed speed = agent.speed(task.spec.scene());
    double workPerSecond = workPerSecond(agent, task);
    double seconds =
        speed.isKnown()
            ? Math.clamp(
                speed.fixedSeconds() / FIXED_SHARE, SHORTEST_CELL_SECONDS, LONGEST_CELL_SECONDS)
            : FIRST_CELL_SECONDS;
    double wanted = workPerSecond * seconds;
    if (speed.isKnown() && speed.cells() < CELLS_UNTIL_KNOWN) {
      wanted = Math.min(wanted, (double) GROWTH * speed.largestCell());
    }
    int helpers = task.opened.size();
    if (helpers > 1) {
      double fairShare = (double) task.ledger.orElseThrow().openWork() / (2 * helpers);
      wanted = Math.min(wanted, Math.max(fairShare, workPerSecond * SHORTEST_LAST_CELL_SECONDS));
    }
    return Math.max(1, (long) wanted);
  }

  /** Measured where the agent has rendered the scene; else from the others' cores. */
  private double workPerSecond(AgentWork agent, TaskWork task) {
    String scene = task.spec.scene();
    Speed own = agent.speed(scene);
    if (own.isKnown()) {
      return own.workPerSecond();
    }
    double forEachCore =
        agents.values().stream()
            .filter(other -> other.speed(scene).isKnown())
            .mapToDouble(other -> other.speed(scene).workPerSecond() / other.cores)
            .average()
            .orElse(ASSUMED_WORK_PER_CORE);
    return forEachCore * agent.cores;
  }

  private void end(TaskWork task, TaskState state, String reason) {
    for (AgentName name : List.copyOf(task.liveLeases.keySet())) {
      revokeLeases(task, name);
    }
    enter(task, state, reason);
    tasks.remove(task.spec.name());
  }

  private void revokeLeases(TaskWork task, AgentName name) {
    for (AgentWork.LiveLease live : List.copyOf(agent(name).leases.values())) {
      if (live.lease.task().equals(task.spec.name())) {
        endLease(task, live);
        effects.add(new Effect.Revoke(live.lease));
      }
    }
  }

  private void pendingIfIdle(TaskWork task) {
    boolean waitsForAgent =
        task.phase == TaskWork.Phase.OPENING || task.phase == TaskWork.Phase.RENDERING;
    if (tasks.containsKey(task.spec.name()) && waitsForAgent && task.liveLeases.isEmpty()) {
      enter(task, TaskState.PENDING, "waits for an agent");
    }
  }

  private void enter(TaskWork task, TaskState state, String reason) {
    if (task.state == state) {
      return;
    }
    if (!task.state.mayBecome(state)) {
      throw new IllegalStateException(
          "Task %s may not go from %s to %s".formatted(task.spec.name(), task.state, state));
    }
    task.state = state;
    effects.add(new Effect.Enter(task.spec.name(), state, reason));
  }

  private Optional<TaskWork> task(TaskName name) {
    return Optional.ofNullable(tasks.get(name));
  }

  private TaskWork taskOf(Lease lease) {
    return task(lease.task())
        .orElseThrow(() -> new IllegalStateException("A live lease of no task: " + lease));
  }

  private AgentWork agent(AgentName name) {
    AgentWork agent = agents.get(name);
    if (agent == null) {
      throw new IllegalStateException("No such agent: " + name);
    }
    return agent;
  }

  private Optional<AgentWork.LiveLease> live(AgentName name, LeaseId id, int attempt) {
    return Optional.ofNullable(agents.get(name))
        .map(agent -> agent.leases.get(id))
        .filter(live -> live.lease.attempt() == attempt);
  }

  private TaskView view(TaskWork task) {
    int leased =
        agents.values().stream()
            .flatMap(agent -> agent.leases.values().stream())
            .filter(live -> live.lease.task().equals(task.spec.name()))
            .mapToInt(live -> live.waiting.size())
            .sum();
    return new TaskView(
        task.spec.name(),
        task.state,
        task.done(),
        task.cellsStored,
        leased,
        remaining(task),
        task.latestCellSamples,
        task.plan.map(FramePlan::cut),
        waiting(task));
  }

  private Optional<Duration> remaining(TaskWork task) {
    if (task.ledger.isEmpty()) {
      return Optional.empty();
    }
    double speed =
        task.liveLeases.keySet().stream()
            .map(this::agent)
            .map(agent -> agent.speed(task.spec.scene()))
            .filter(Speed::isKnown)
            .mapToDouble(Speed::workPerSecond)
            .sum();
    long left = task.ledger.get().work() - task.ledger.get().storedWork();
    if (left == 0) {
      return Optional.of(Duration.ZERO);
    }
    return speed > 0
        ? Optional.of(Duration.ofMillis((long) (1000 * left / speed)))
        : Optional.empty();
  }

  private String waiting(TaskWork task) {
    if (!task.liveLeases.isEmpty() || task.phase == TaskWork.Phase.ASSEMBLING) {
      return "";
    }
    if (agents.isEmpty()) {
      return "no agent is connected";
    }
    if (!task.setAside.isEmpty()) {
      return "waits for another agent; " + task.latestFailure;
    }
    return "all agents are busy with older tasks";
  }

  private AgentView view(AgentWork agent) {
    Optional<TaskWork> task = agent.currentTask().flatMap(this::task);
    double share =
        task.filter(known -> known.ledger.isPresent())
            .map(known ->
                (double) known.storedWork.getOrDefault(agent.name, 0L)
                    / known.ledger.orElseThrow().work())
            .orElse(0.0);
    int cells = task.map(known -> known.storedCells.getOrDefault(agent.name, 0)).orElse(0);
    return new AgentView(
        agent.name, agent.cores, agent.currentTask(), share, cells, agent.waitingCells());
  }
}
