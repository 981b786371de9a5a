package io.blendnet.domain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The scheduler: which agent does what. Deterministic: the same events give the same effects. It
 * holds active tasks only; one that ends leaves its memory.
 *
 * <p>Not thread-safe: it belongs to the farm loop.
 */
public final class Farm {
  /** Why a task stopped that the user stopped. */
  public static final String STOPPED_BY_USER = "stopped by the user";

  /** One cell in progress and one to begin at once; more only where they are very short. */
  private static final int CELLS_AHEAD = 2;

  private static final int MOST_CELLS_AHEAD = 6;
  private static final double SECONDS_AHEAD = 1.5;

  private static final int FAILURES_UNTIL_SET_ASIDE = 2;

  /** Broken transfers in a row; a line may be bad for a while. */
  private static final int BREAKS_UNTIL_SET_ASIDE = 6;

  /** That many agents for which a scene fails, and none for which it does not, are proof enough. */
  private static final int MOST_SCENE_FAILURES = 3;

  private static final int MOST_COMPOSE_FAILURES = 3;

  /** Agents may leave while they compose without its fault, but not for ever. */
  private static final int MOST_COMPOSE_ATTEMPTS = 10;

  private static final Comparator<TaskWork> OLDEST_FIRST =
      Comparator.comparing((TaskWork task) -> task.spec.created())
          .thenComparing(task -> task.spec.name());

  private final Map<TaskName, TaskWork> tasks = new HashMap<>();
  private final NavigableSet<TaskWork> tasksByAge = new TreeSet<>(OLDEST_FIRST);
  private final NavigableSet<TaskWork> tasksToCompose = new TreeSet<>(OLDEST_FIRST);
  private final Map<AgentName, AgentWork> agents = new LinkedHashMap<>();
  private final FarmViews views = new FarmViews(tasks, agents);
  private final Pace pace = new Pace();
  private long nextLease;

  /**
   * Agents that could take more but found nothing, when last looked at. They are looked at again
   * when work opens, so that a decision does not cost more with every agent.
   */
  private final Set<AgentWork> idle = new LinkedHashSet<>();

  // What the decision in progress has to look at when its event is taken in.
  private List<Effect> effects = new ArrayList<>();
  private final Set<AgentWork> freed = new LinkedHashSet<>();
  private final Set<TaskWork> touched = new LinkedHashSet<>();
  private boolean workOpened;

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
    freed.clear();
    touched.clear();
    workOpened = false;
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
          task(name).ifPresent(task -> end(task, TaskState.STOPPED, message));
      case FarmEvent.PictureArrived arrived -> pictureArrived(arrived);
    }
    schedule();
    touched.forEach(this::pendingIfIdle);
    return List.copyOf(effects);
  }

  /** All active tasks, oldest first. */
  public List<TaskView> taskViews() {
    return tasksByAge.stream().map(views::of).toList();
  }

  /** All connected agents, in the order in which they joined. */
  public List<AgentView> agentViews() {
    return agents.values().stream().map(views::of).toList();
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
    tasksByAge.add(task);
    workOpened = true;
    spec.plan()
        .ifPresent(plan -> {
          follow(task, plan);
          spec.stored().forEach(task::restore);
          assembleIfComplete(task);
        });
  }

  private static void follow(TaskWork task, FramePlan plan) {
    task.plan = Optional.of(plan);
    task.ledger = Optional.of(new Ledger(plan.cut().size(), plan.cut().samples()));
    task.phase = TaskWork.Phase.RENDERING;
  }

  private void stop(TaskName name) {
    task(name).ifPresent(task -> end(task, TaskState.STOPPED, STOPPED_BY_USER));
  }

  private void join(AgentName name, int cores) {
    leave(name, "started anew");
    AgentWork agent = new AgentWork(name, cores);
    agents.put(name, agent);
    freed.add(agent);
  }

  private void leave(AgentName name, String reason) {
    AgentWork agent = agents.remove(name);
    if (agent == null) {
      return;
    }
    idle.remove(agent);
    Map<TaskWork, List<Cell>> left = new LinkedHashMap<>();
    for (AgentWork.LiveLease live : agent.leases.values()) {
      TaskWork task = taskOf(live.lease);
      left.computeIfAbsent(task, _ -> new ArrayList<>()).addAll(live.waiting.values());
      leaseEnds(task, live);
    }
    left.forEach((task, cells) ->
        effects.add(new Effect.Note(task.spec.name(), lossOf(name, reason, cells))));
    tasks.values().forEach(task -> task.agentLeaves(name));
    if (agents.size() == 1) {
      freed.addAll(agents.values());
    }
  }

  private static String lossOf(AgentName name, String reason, List<Cell> cells) {
    String loss = "Agent %s left: %s".formatted(name, reason);
    return cells.isEmpty()
        ? loss
        : cells.stream()
            .map(Cell::toString)
            .collect(Collectors.joining(", ", loss + "; open again: ", ""));
  }

  private void sceneOpened(FarmEvent.SceneOpened opened) {
    Optional<AgentWork.LiveLease> live = live(opened.agent(), opened.lease(), opened.attempt());
    if (live.isEmpty() || !(live.get().lease.work() instanceof Lease.Open)) {
      return;
    }
    TaskWork task = taskOf(live.get().lease);
    endLease(task, live.get());
    task.opened.add(opened.agent());
    if (task.plan.isEmpty()) {
      plan(task, opened.facts());
      return;
    }
    Optional<String> mismatch = mismatch(task.plan.get().facts(), opened.facts());
    if (mismatch.isEmpty()) {
      return;
    }
    if (task.isUntouchedBut(opened.agent())) {
      task.setAside.values().removeIf(aside -> !aside.failed());
      plan(task, opened.facts());
      return;
    }
    setAside(task, opened.agent(), new TaskWork.SetAside(mismatch.get(), false));
  }

  private void plan(TaskWork task, SceneFacts facts) {
    switch (FrameCut.decide(task.spec.strategy(), facts)) {
      case FrameCut.Decision.Refused(String reason) -> end(task, TaskState.ERROR, reason);
      case FrameCut.Decision.Taken(FrameCut cut) -> {
        FramePlan plan = new FramePlan(cut, facts);
        follow(task, plan);
        workOpened = true;
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
    AgentWork agent = agent(lease.agent());
    task.leasedCells--;
    task.store(cell, lease.agent());
    long rendered = task.plan.orElseThrow().cut().renderedWork(cell);
    pace.learn(agent, task.spec.scene(), rendered, arrived.timings());
    freed.add(agent);
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
    String message = "Agent %s: %s".formatted(lease.agent(), failed.message());
    endLease(task, live.get());
    task.opened.remove(lease.agent());
    task.latestFailure = failed.failure() == FailureKind.SCENE ? failed.message() : message;
    effects.add(new Effect.Note(task.spec.name(), message));
    if (failsForAll(task, lease, failed.failure())) {
      end(task, TaskState.ERROR, task.latestFailure);
      return;
    }
    boolean tryAgain =
        switch (failed.failure()) {
          case SCENE, MACHINE -> false;
          case MEMORY, BLENDER ->
              task.failures.merge(lease.agent(), 1, Integer::sum) < FAILURES_UNTIL_SET_ASIDE;
          case LINK -> task.failures.merge(lease.agent(), 1, Integer::sum) < BREAKS_UNTIL_SET_ASIDE;
        };
    if (!tryAgain) {
      setAside(task, lease.agent(), new TaskWork.SetAside(failed.message(), true));
    }
  }

  /** Whether a failure proves that the task, not the agent, is at fault. */
  private static boolean failsForAll(TaskWork task, Lease lease, FailureKind failure) {
    if (lease.work() instanceof Lease.Compose && failure != FailureKind.LINK) {
      task.composeFailures++;
    }
    if (failure == FailureKind.SCENE) {
      task.sceneFailures.add(lease.agent());
    }
    return task.composeFailures >= MOST_COMPOSE_FAILURES
        || (task.sceneFailures.size() >= MOST_SCENE_FAILURES && task.stored.isEmpty());
  }

  private void endLease(TaskWork task, AgentWork.LiveLease live) {
    AgentWork agent = agent(live.lease.agent());
    agent.leases.remove(live.lease.id());
    freed.add(agent);
    leaseEnds(task, live);
  }

  private void leaseEnds(TaskWork task, AgentWork.LiveLease live) {
    workOpened |= !live.waiting.isEmpty();
    task.leaseEnds(live);
    // A place below the agents limit is work for others too.
    workOpened |= task.spec.agentsLimit() > 0 && !task.liveLeases.containsKey(live.lease.agent());
    touched.add(task);
  }

  /**
   * An agent gets no more of a task, which ends when no agent is left that it has not failed on.
   */
  private void setAside(TaskWork task, AgentName name, TaskWork.SetAside aside) {
    task.setAside.put(name, aside);
    task.opened.remove(name);
    revokeLeases(task, name);
    if (task.isLeftBy(agents.keySet())
        && task.setAside.values().stream().anyMatch(TaskWork.SetAside::failed)) {
      end(task, TaskState.ERROR, task.latestFailure);
      return;
    }
    effects.add(
        new Effect.Note(
            task.spec.name(),
            "Agent %s gets no more of this task: %s".formatted(name, aside.reason())));
  }

  private void frameAssembled(TaskName name) {
    task(name)
        .filter(task -> task.phase == TaskWork.Phase.ASSEMBLING)
        .ifPresent(task -> {
          task.phase = TaskWork.Phase.COMPOSING;
          tasksToCompose.add(task);
        });
  }

  private void cellsProvedBad(FarmEvent.CellsProvedBad bad) {
    Optional<TaskWork> found =
        task(bad.task()).filter(task -> task.phase == TaskWork.Phase.ASSEMBLING);
    if (found.isEmpty()) {
      return;
    }
    TaskWork task = found.get();
    Set<Cell> cells = new LinkedHashSet<>(bad.cells());
    cells.retainAll(task.stored.keySet());
    if (cells.isEmpty()) {
      end(task, TaskState.ERROR, bad.message());
      return;
    }
    Set<AgentName> culprits = new LinkedHashSet<>();
    for (Cell cell : cells) {
      task.discard(cell).filter(agents::containsKey).ifPresent(culprits::add);
    }
    task.phase = TaskWork.Phase.RENDERING;
    workOpened = true;
    touched.add(task);
    effects.add(new Effect.Note(bad.task(), bad.message()));
    for (AgentName name : culprits) {
      if (task.provedBad.merge(name, 1, Integer::sum) >= FAILURES_UNTIL_SET_ASIDE
          && tasks.containsKey(bad.task())) {
        task.latestFailure = bad.message();
        setAside(task, name, new TaskWork.SetAside("its cells proved bad", true));
      }
    }
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
    for (TaskWork task : List.copyOf(tasksToCompose)) {
      if (!task.composeIsLeased) {
        compose(task);
      }
    }
    if (workOpened) {
      freed.addAll(idle);
      idle.clear();
    }
    for (AgentWork agent : freed) {
      if (agents.get(agent.name) == agent) {
        feed(agent);
      }
    }
  }

  private void feed(AgentWork agent) {
    idle.remove(agent);
    while (takesMore(agent)) {
      Optional<TaskWork> task = choose(agent);
      if (task.isEmpty()) {
        idle.add(agent);
        return;
      }
      grantWork(agent, task.get());
    }
  }

  /** The picture is made by an agent that has the scene open, as the frame's plan says. */
  private void compose(TaskWork task) {
    if (task.composeAttempts >= MOST_COMPOSE_ATTEMPTS) {
      end(
          task,
          TaskState.ERROR,
          "The picture was begun %d times, and each time the agent was lost or failed"
              .formatted(task.composeAttempts));
      return;
    }
    Comparator<AgentWork> bestFirst =
        Comparator.comparing((AgentWork agent) -> !task.opened.contains(agent.name))
            .thenComparingInt(agent -> task.failures.getOrDefault(agent.name, 0))
            .thenComparingLong(AgentWork::waitingWork)
            .thenComparing(agent -> agent.name);
    agents.values().stream()
        .filter(agent -> mayWorkOn(task, agent))
        .min(bestFirst)
        .ifPresent(agent -> {
          if (task.opened.contains(agent.name)) {
            task.composeAttempts++;
            grant(agent, task, task.composeAttempts, new Lease.Compose());
          } else if (task.opening.isEmpty()) {
            grant(agent, task, 1, new Lease.Open());
          }
        });
  }

  private boolean takesMore(AgentWork agent) {
    if (agent.opensOrComposes()) {
      return false;
    }
    int cells = agent.waitingCells();
    if (cells < CELLS_AHEAD) {
      return true;
    }
    return cells < MOST_CELLS_AHEAD && agents.size() == 1 && secondsAhead(agent) < SECONDS_AHEAD;
  }

  private double secondsAhead(AgentWork agent) {
    return agent
        .currentTask()
        .flatMap(this::task)
        .map(task -> agent.waitingWork() / pace.workPerSecond(agent, task.spec.scene()))
        .orElse(0.0);
  }

  /**
   * The task that an agent should work on: the one it is at; else the oldest that nobody is at, so
   * that with more frames than agents each agent renders a whole frame; else where most is open for
   * each agent.
   */
  private Optional<TaskWork> choose(AgentWork agent) {
    Optional<TaskWork> current =
        agent.leases.values().stream()
            .map(live -> taskOf(live.lease))
            .filter(task -> wants(task, agent))
            .min(OLDEST_FIRST);
    if (current.isPresent()) {
      return current;
    }
    Optional<TaskWork> most = Optional.empty();
    double mostWork = -1;
    for (TaskWork task : tasksByAge) {
      if (!wants(task, agent)) {
        continue;
      }
      if (task.liveLeases.isEmpty()) {
        return Optional.of(task);
      }
      double work = openWorkForEach(task);
      if (work > mostWork) {
        most = Optional.of(task);
        mostWork = work;
      }
    }
    return most;
  }

  private static boolean wants(TaskWork task, AgentWork agent) {
    return (task.phase == TaskWork.Phase.OPENING || task.hasOpenCells()) && mayWorkOn(task, agent);
  }

  private static boolean mayWorkOn(TaskWork task, AgentWork agent) {
    if (task.setAside.containsKey(agent.name)) {
      return false;
    }
    int limit = task.spec.agentsLimit();
    return limit == 0 || task.liveLeases.size() < limit || task.liveLeases.containsKey(agent.name);
  }

  private static double openWorkForEach(TaskWork task) {
    long open = task.ledger.map(Ledger::openWork).orElse(0L);
    return (double) open / (task.liveLeases.size() + 1);
  }

  private void grantWork(AgentWork agent, TaskWork task) {
    if (!task.opened.contains(agent.name)) {
      grant(agent, task, 1, new Lease.Open());
      return;
    }
    Ledger ledger = task.ledger.orElseThrow();
    FrameCut cut = task.plan.orElseThrow().cut();
    int others = task.liveLeases.size() - (task.liveLeases.containsKey(agent.name) ? 1 : 0);
    long wanted = pace.nextCell(agent, task.spec.scene(), cut, ledger.openWork(), others + 1);
    Cell cell =
        cut.leaseNext(ledger, wanted)
            .orElseThrow(() -> new IllegalStateException("No open cell in " + task.spec.name()));
    task.latestCellSamples = cell.samples().size();
    grant(agent, task, ledger.attempts(cell), new Lease.Render(List.of(cell), cut));
  }

  private void grant(AgentWork agent, TaskWork task, int attempt, Lease.Work work) {
    Lease lease = new Lease(new LeaseId(nextLease++), task.spec.name(), agent.name, attempt, work);
    agent.leases.put(lease.id(), new AgentWork.LiveLease(lease));
    task.leaseBegins(lease);
    enter(task, TaskState.RUNNING, "agent %s works on it".formatted(agent.name));
    effects.add(new Effect.Grant(lease));
  }

  private void end(TaskWork task, TaskState state, String reason) {
    for (AgentName name : List.copyOf(task.liveLeases.keySet())) {
      revokeLeases(task, name);
    }
    enter(task, state, reason);
    tasks.remove(task.spec.name());
    tasksByAge.remove(task);
    tasksToCompose.remove(task);
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
    if (task.state == TaskState.RUNNING && task.phase.needsAgents() && task.liveLeases.isEmpty()) {
      enter(task, TaskState.PENDING, views.waiting(task));
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
}
