package io.blendnet.domain;

import java.time.Duration;
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
import java.util.stream.Stream;

/**
 * The scheduler: which agent does what. Deterministic: the same events give the same effects. It
 * holds active tasks only; one that ends leaves its memory.
 *
 * <p>Not thread-safe: it belongs to the farm loop.
 */
public final class Farm {
  /** Why a task stopped that the user stopped. */
  public static final String STOPPED_BY_USER = "stopped by the user";

  private static final int FAILURES_UNTIL_SET_ASIDE = 2;

  /** Broken transfers in a row; a line may be bad for a while. */
  private static final int BREAKS_UNTIL_SET_ASIDE = 6;

  /** That many agents for which a scene fails, and none for which it does not, are proof enough. */
  private static final int MOST_SCENE_FAILURES = 3;

  private static final int MOST_COMPOSE_FAILURES = 3;

  /** Agents may leave while they compose without its fault, but not for ever. */
  private static final int MOST_COMPOSE_LOSSES = 10;

  private static final int MOST_TELLING_LINES = 5;

  private final Map<TaskName, TaskWork> tasks = new HashMap<>();
  private final NavigableSet<TaskWork> tasksByAge = new TreeSet<>(TaskWork.OLDEST_FIRST);
  private final NavigableSet<TaskWork> tasksToCompose = new TreeSet<>(TaskWork.OLDEST_FIRST);
  private final Set<TaskWork> doubtfulTasks = new LinkedHashSet<>();
  private final Map<AgentName, AgentWork> agents = new LinkedHashMap<>();
  private final Decision decision = new Decision();
  private final Pace pace = new Pace();
  private final Patience patience = new Patience(pace);
  private final TaskBoard board = new TaskBoard();
  private final FarmViews views = new FarmViews(tasks, agents);
  private final FarmNews news = new FarmNews(tasks, agents, views);
  private final FarmRules rules;
  private final LeaseBook leases;
  private final Allotment allotment;

  /**
   * A farm without tasks and agents.
   *
   * @param firstLease the number of the first lease, larger than any this farm ever gave
   */
  public Farm(LeaseId firstLease, FarmRules rules) {
    this.rules = rules;
    this.leases = new LeaseBook(agents, board, decision, firstLease);
    this.allotment = new Allotment(agents, board, leases, decision, pace, rules);
  }

  /** The number that the next lease will have. */
  public LeaseId nextLease() {
    return leases.next();
  }

  /** Takes an event in and says what is to be done about it. */
  public List<Effect> decide(FarmEvent event) {
    decision.begin();
    switch (event) {
      case FarmEvent.TaskReady(TaskSpec spec) -> begin(spec);
      case FarmEvent.TaskStopped(TaskName name) ->
          task(name).ifPresent(task -> end(task, TaskState.STOPPED, STOPPED_BY_USER));
      case FarmEvent.TaskPaused(TaskName name) -> task(name).ifPresent(this::pause);
      case FarmEvent.TaskResumed(TaskName name) -> task(name).ifPresent(this::resume);
      case FarmEvent.TaskPrioritized(TaskName name, int priority) ->
          task(name).ifPresent(task -> prioritize(task, priority));
      case FarmEvent.AgentJoined joined -> join(joined);
      case FarmEvent.AgentAway(AgentName name, Absence absence, String reason) ->
          agent(name).ifPresent(agent -> goAway(agent, absence, reason));
      case FarmEvent.AgentTerminating(AgentName name, String reason) ->
          agent(name).ifPresent(agent -> terminate(agent, reason));
      case FarmEvent.SceneOpened opened -> sceneOpened(opened);
      case FarmEvent.CellArrived arrived -> cellArrived(arrived);
      case FarmEvent.CellsReturned returned -> cellsReturned(returned);
      case FarmEvent.LeaseFailed failed -> leaseFailed(failed);
      case FarmEvent.FrameAssembled(TaskName name) -> frameAssembled(name);
      case FarmEvent.CellsProvedBad bad -> cellsProvedBad(bad);
      case FarmEvent.TaskBroke(TaskName name, String message) ->
          task(name).ifPresent(task -> end(task, TaskState.STOPPED, message));
      case FarmEvent.PictureArrived arrived -> pictureArrived(arrived);
      case FarmEvent.TimePassed(Duration up) -> timePasses(up);
    }
    conclude();
    news.add(decision);
    return decision.effects();
  }

  /** Draws the consequences of what an event changed. */
  private void conclude() {
    List.copyOf(decision.touched).forEach(this::endIfHopeless);
    decision.touched.forEach(board::update);
    List.copyOf(doubtfulTasks).forEach(this::settleDoubts);
    framesToCompose().forEach(this::compose);
    allotment.feed();
    if (decision.agentsChanged) {
      views.agentsChanged();
    }
    decision.touched.forEach(this::pendingIfIdle);
  }

  /** Finished frames that may find an agent now: those that changed, or all when an agent came. */
  private List<TaskWork> framesToCompose() {
    Stream<TaskWork> changed =
        decision.agentCame
            ? tasksToCompose.stream()
            : decision.touched.stream()
                .filter(tasksToCompose::contains)
                .sorted(TaskWork.OLDEST_FIRST);
    return changed.filter(task -> !task.composeIsLeased && !task.paused).toList();
  }

  /**
   * What others see differently since this was last asked; all there is when asked for the first
   * time. To ask costs what has changed, however large the farm is.
   */
  public FarmChanges changes() {
    return news.take();
  }

  /** All active tasks, oldest first. */
  public List<TaskView> taskViews() {
    return tasksByAge.stream().map(views::of).toList();
  }

  /** An active task. */
  Optional<TaskView> taskView(TaskName name) {
    return task(name).map(views::of);
  }

  /** All agents that can be reached or may be back soon, in the order in which they joined. */
  public List<AgentView> agentViews() {
    return agents.values().stream().filter(AgentWork::isConnected).map(views::of).toList();
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

  /** All leases of an agent whose results may be wanted: live ones, and ones that ran out. */
  public List<Lease> leasesOf(AgentName name) {
    return agent(name)
        .map(agent ->
            Stream.concat(agent.leases.values().stream(), agent.lapsed.values().stream())
                .map(live -> live.lease)
                .toList())
        .orElse(List.of());
  }

  private void begin(TaskSpec spec) {
    if (tasks.containsKey(spec.name())) {
      return;
    }
    TaskWork task = new TaskWork(spec);
    tasks.put(spec.name(), task);
    tasksByAge.add(task);
    decision.touched.add(task);
    decision.opened.add(task);
    spec.plan().ifPresent(plan -> goOn(task, plan));
  }

  private void goOn(TaskWork task, FramePlan plan) {
    task.follow(plan);
    task.spec.stored().forEach(task::restore);
    // Newest first: of two leases of one cell the older one had run out.
    task.spec.leases().stream()
        .sorted(Comparator.comparingLong((Lease lease) -> lease.id().value()).reversed())
        .forEach(lease -> leases.takeOver(task, lease));
    if (!task.liveLeases.isEmpty()) {
      enter(task, TaskState.RUNNING, "agents may still be at it");
    }
    assembleIfComplete(task);
  }

  private void pause(TaskWork task) {
    if (task.paused) {
      return;
    }
    task.paused = true;
    decision.touched.add(task);
    for (AgentName name : List.copyOf(task.liveLeases.keySet())) {
      takeBackUnbegun(known(name), task);
    }
  }

  /**
   * Cells in progress get done; whatever has not begun does not begin. An agent that does not
   * answer is asked when it is back.
   */
  private void takeBackUnbegun(AgentWork agent, TaskWork task) {
    for (LiveLease live : List.copyOf(agent.leases.values())) {
      if (live.task != task) {
        continue;
      }
      switch (live.lease.work()) {
        case Lease.Open _ -> leases.revoke(live);
        case Lease.Compose _ -> {}
        case Lease.Render _ -> {
          leases.endSteal(live);
          decision.changed(agent);
          if (agent.presence == AgentWork.Presence.HERE) {
            decision.add(
                new Effect.Steal(
                    agent.name, live.lease.id(), live.lease.attempt(), live.waiting.keySet()));
          }
        }
      }
    }
  }

  private void resume(TaskWork task) {
    if (task.paused) {
      task.paused = false;
      decision.opened.add(task);
      decision.touched.add(task);
    }
  }

  private void prioritize(TaskWork task, int priority) {
    task.priority = priority;
    decision.touched.add(task);
    task.liveLeases.keySet().forEach(name -> agent(name).ifPresent(decision::changed));
  }

  private void join(FarmEvent.AgentJoined joined) {
    AgentWork known = agents.get(joined.agent());
    if (known == null || known.hasStartedAnew(joined.machine())) {
      agent(joined.agent()).ifPresent(agent -> remove(agent, "started anew"));
      known = new AgentWork(joined.agent(), joined.machine(), AgentWork.Presence.HERE);
      agents.put(joined.agent(), known);
    }
    boolean isUnseen = known.isUnseen();
    known.machine = joined.machine();
    known.presence = AgentWork.Presence.HERE;
    known.latestProgress = decision.now;
    leases.compare(known, joined.held());
    askBackOfPaused(known);
    if (isUnseen) {
      tasks.values().forEach(task -> task.opensAgainUnlessHeldBy(joined.agent()));
    }
    decision.freed.add(known);
    speedChanges(known);
    // What it has can be stolen again.
    known.leases.values().forEach(live -> decision.opened.add(live.task));
    decision.agentCame = true;
    decision.agentsChanged = true;
    decision.changed(known);
  }

  /** While an agent was silent it did not hear that a task was paused. */
  private void askBackOfPaused(AgentWork agent) {
    agent.leases.values().stream()
        .map(live -> live.task)
        .filter(task -> task.paused)
        .distinct()
        .toList()
        .forEach(task -> takeBackUnbegun(agent, task));
  }

  private void goAway(AgentWork agent, Absence absence, String reason) {
    allotment.leaveOut(agent);
    decision.agentsChanged = true;
    decision.changed(agent);
    switch (absence) {
      case SILENT -> {
        if (agent.presence == AgentWork.Presence.HERE) {
          agent.presence = AgentWork.Presence.SILENT;
          agent.silentSince = decision.now;
          agent.leases.values().forEach(leases::endSteal);
        }
      }
      case LOST -> lapse(agent, reason);
      case REMOVED -> remove(agent, reason);
    }
  }

  /** Nothing is expected of an agent any more, though it may come back with results. */
  private void lapse(AgentWork agent, String reason) {
    noteLostAt(agent);
    agent.presence = AgentWork.Presence.GONE;
    decision.agentsChanged = true;
    decision.changed(agent);
    leases.lapse(agent, reason, true);
  }

  /** An agent's process is over, and with it all that it knew and that was known of it. */
  private void remove(AgentWork agent, String reason) {
    noteLostAt(agent);
    allotment.leaveOut(agent);
    leases.lapse(agent, reason, false);
    forget(agent);
  }

  private void forget(AgentWork agent) {
    agents.remove(agent.name);
    for (TaskWork task : tasks.values()) {
      if (task.setAside.containsKey(agent.name)) {
        // It may wait for another reason now.
        decision.touched.add(task);
      }
      task.agentLeaves(agent.name);
    }
  }

  /** An agent is lost at its first lease; those behind it had not begun. */
  private void noteLostAt(AgentWork agent) {
    agent
        .firstLease()
        .ifPresent(first -> {
          TaskWork task = first.task;
          switch (first.lease.work()) {
            case Lease.Open _ -> {
              if (task.countsLoss(decision.now)) {
                task.openingsLost++;
              }
            }
            case Lease.Compose _ -> task.composeLosses++;
            case Lease.Render _ -> {}
          }
        });
  }

  private void terminate(AgentWork agent, String reason) {
    if (agent.terminating) {
      return;
    }
    agent.terminating = true;
    decision.agentsChanged = true;
    allotment.leaveOut(agent);
    agent.leases.values().stream()
        .map(live -> live.task)
        .distinct()
        .toList()
        .forEach(task ->
            decision.note(task, "Agent %s is about to end: %s".formatted(agent.name, reason)));
    for (LiveLease live : List.copyOf(agent.leases.values())) {
      if (live.lease.work() instanceof Lease.Open) {
        leases.revoke(live);
      }
    }
  }

  private void sceneOpened(FarmEvent.SceneOpened opened) {
    Optional<LiveLease> live = leases.live(opened.agent(), opened.lease(), opened.attempt());
    if (live.isEmpty() || !(live.get().lease.work() instanceof Lease.Open)) {
      return;
    }
    TaskWork task = live.get().task;
    AgentWork agent = agents.get(opened.agent());
    leases.end(live.get());
    if (agent != null) {
      agent.latestProgress = decision.now;
      agent.openScene = task.spec.scene();
    }
    if (task.openingsLost > 0) {
      task.openingsLost = 0;
      decision.opened.add(task);
    }
    task.opened.add(opened.agent());
    if (task.plan.isEmpty()) {
      plan(task, opened.facts());
      return;
    }
    Optional<String> mismatch = mismatch(task.plan.get().facts(), opened.facts());
    if (mismatch.isEmpty()) {
      return;
    }
    if (isUntouchedBut(task, opened.agent())) {
      task.setAside.values().removeIf(aside -> !aside.failed());
      forgetLapsed(task);
      // Others that are gone opened it for the plan before.
      task.opened.retainAll(Set.of(opened.agent()));
      plan(task, opened.facts());
      return;
    }
    setAside(task, opened.agent(), new TaskWork.SetAside(mismatch.get(), false));
  }

  /** Whether nothing would be lost if the frame were cut anew for this agent. */
  private boolean isUntouchedBut(TaskWork task, AgentName agent) {
    return task.phase == TaskWork.Phase.RENDERING
        && task.ledger.orElseThrow().openWork() == task.ledger.orElseThrow().work()
        && task.opened.stream()
            .filter(name -> agent(name).filter(AgentWork::isConnected).isPresent())
            .allMatch(agent::equals);
  }

  private void plan(TaskWork task, SceneFacts facts) {
    switch (FrameCut.decide(task.spec.strategy(), facts)) {
      case FrameCut.Decision.Refused(String reason) -> end(task, TaskState.ERROR, reason);
      case FrameCut.Decision.Taken(FrameCut cut) -> {
        FramePlan plan = new FramePlan(cut, facts);
        task.follow(plan);
        decision.opened.add(task);
        decision.add(new Effect.Plan(task.spec.name(), plan));
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
    Optional<LiveLease> live = leases.live(arrived.agent(), arrived.lease(), arrived.attempt());
    if (live.filter(known -> known.waiting.containsKey(arrived.cell())).isPresent()) {
      takeIn(live.get(), arrived);
      return;
    }
    Optional<LiveLease> lapsed = leases.lapsed(arrived.agent(), arrived.lease(), arrived.attempt());
    if (lapsed.filter(known -> known.waiting.containsKey(arrived.cell())).isPresent()) {
      adopt(lapsed.get(), arrived);
      return;
    }
    drop(arrived);
  }

  private void drop(FarmEvent.CellArrived arrived) {
    decision.add(new Effect.Drop(arrived.agent(), arrived.lease(), arrived.attempt()));
  }

  private void takeIn(LiveLease live, FarmEvent.CellArrived arrived) {
    Cell cell = live.take(arrived.cell()).orElseThrow();
    TaskWork task = live.task;
    AgentWork agent = known(live.lease.agent());
    agent.latestProgress = decision.now;
    decision.freed.add(agent);
    decision.touched.add(task);
    decision.changed(agent);
    if (isDoubtful(task, agent, cell, arrived.looks())) {
      task.release(List.of(cell));
      decision.opened.add(task);
      drop(arrived);
    } else {
      task.leasedCells--;
      task.store(cell, agent.name);
      agent.failedAt.clear();
      long rendered = task.plan.orElseThrow().cut().renderedWork(cell);
      pace.learn(agent, task.spec.scene(), rendered, arrived.timings());
      speedChanges(agent);
      decision.add(new Effect.Keep(live.lease, arrived.cell(), cell, live.lease.attempt()));
    }
    leases.endIfDone(live);
    if (tasks.get(task.spec.name()) == task) {
      assembleIfComplete(task);
    }
  }

  /** How fast an agent is tells when each of its tasks will be done. */
  private void speedChanges(AgentWork agent) {
    for (LiveLease live : agent.leases.values()) {
      pace.enter(agent, live.task);
      decision.touched.add(live.task);
    }
  }

  private void adopt(LiveLease lapsed, FarmEvent.CellArrived arrived) {
    Cell cell = lapsed.take(arrived.cell()).orElseThrow();
    TaskWork task = lapsed.task;
    AgentWork agent = known(lapsed.lease.agent());
    if (arrived.looks() == CellLooks.FINE && task.adopt(cell, agent.name)) {
      decision.touched.add(task);
      decision.changed(agent);
      int attempt = lapsed.lease.attempt() + 1;
      decision.add(new Effect.Keep(lapsed.lease, arrived.cell(), cell, attempt));
      decision.note(
          task,
          "Agent %s brought cell %s though its lease had run out".formatted(agent.name, cell));
      refuteDoubts(task, agent, cell);
      assembleIfComplete(task);
    } else {
      drop(arrived);
    }
    if (lapsed.waiting.isEmpty()) {
      leases.forgetLapsed(lapsed);
    }
  }

  /**
   * Whether a cell does not count before another agent has rendered its place too. What another
   * agent's doubted cell turns out to be is a matter of this too.
   */
  private boolean isDoubtful(TaskWork task, AgentWork agent, Cell cell, CellLooks looks) {
    if (looks == CellLooks.FINE) {
      refuteDoubts(task, agent, cell);
      return false;
    }
    if (task.doubts.confirm(agent.name, cell, looks) || task.doubts.isTrusted(agent.name, looks)) {
      decision.opened.add(task);
      return false;
    }
    boolean isNew = !task.doubts.isDoubted(agent.name);
    task.doubts.doubt(agent.name, cell, looks);
    if (allotment.settleDoubts(task)) {
      return false;
    }
    doubtfulTasks.add(task);
    if (isNew) {
      decision.note(
          task,
          "Agent %s delivered a %s cell %s; another agent renders it to make sure"
              .formatted(agent.name, looks == CellLooks.BLACK ? "black" : "broken", cell));
    }
    return true;
  }

  /** A cell that is fine proves others wrong that look strange. */
  private void refuteDoubts(TaskWork task, AgentWork agent, Cell cell) {
    for (Doubts.Refuted refuted : task.doubts.refute(agent.name, cell)) {
      decision.opened.add(task);
      String reason =
          "its cell %s was black or broken, that of agent %s is not"
              .formatted(refuted.cell(), agent.name);
      task.latestFailure = "Agent %s: %s".formatted(refuted.agent(), reason);
      setAside(task, refuted.agent(), new TaskWork.SetAside(reason, true));
      blame(task, refuted.agent(), Optional.of(refuted.cell()));
    }
  }

  private void settleDoubts(TaskWork task) {
    allotment.settleDoubts(task);
    if (task.doubts.isEmpty()) {
      doubtfulTasks.remove(task);
    }
  }

  private void cellsReturned(FarmEvent.CellsReturned returned) {
    Optional<LiveLease> live = leases.live(returned.agent(), returned.lease(), returned.attempt());
    live.ifPresent(known -> {
      known.isBegun |= known.thief.isPresent() && returned.cells().isEmpty();
      leases.endSteal(known);
      agent(returned.agent()).ifPresent(decision::changed);
      if (known.renders()) {
        leases.giveBack(known, returned.cells());
      } else {
        // An agent that is about to end has no time to open a scene or to compose.
        leases.end(known);
      }
    });
    leases
        .lapsed(returned.agent(), returned.lease(), returned.attempt())
        .ifPresent(lapsed -> {
          lapsed.take(returned.cells());
          if (lapsed.waiting.isEmpty()) {
            leases.forgetLapsed(lapsed);
          }
        });
  }

  private void assembleIfComplete(TaskWork task) {
    if (task.phase == TaskWork.Phase.RENDERING && task.ledger.orElseThrow().isComplete()) {
      task.phase = TaskWork.Phase.ASSEMBLING;
      decision.touched.add(task);
      enter(task, TaskState.RUNNING, "assembling the frame");
      decision.add(new Effect.Assemble(task.spec.name()));
    }
  }

  private void leaseFailed(FarmEvent.LeaseFailed failed) {
    leases.lapsed(failed.agent(), failed.lease(), failed.attempt()).ifPresent(leases::forgetLapsed);
    Optional<LiveLease> live = leases.live(failed.agent(), failed.lease(), failed.attempt());
    if (live.isEmpty()) {
      return;
    }
    Lease lease = live.get().lease;
    TaskWork task = live.get().task;
    AgentWork agent = known(lease.agent());
    agent.latestProgress = decision.now;
    String message = "Agent %s: %s".formatted(lease.agent(), failed.message());
    Optional<Cell> at = live.get().head();
    if (lease.work() instanceof Lease.Compose) {
      task.composeLosses++;
    }
    if (failed.failure() == FailureKind.BLENDER) {
      leases.lose(live.get());
    }
    leases.end(live.get());
    task.opened.remove(lease.agent());
    agent.openScene = "";
    task.latestFailure =
        telling(failed.failure() == FailureKind.SCENE ? failed.message() : message, failed.lines());
    decision.note(task, message);
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
      if (failed.failure() == FailureKind.MEMORY) {
        task.lacksMemory(agent.machine.memory());
      }
      // Where transfers break, neither the scene nor Blender has been tried.
      boolean tried = failed.failure() != FailureKind.LINK;
      setAside(task, lease.agent(), new TaskWork.SetAside(failed.message(), tried));
      // A small machine is not out of order, and what others make of a picture is not seen.
      if (failed.failure() != FailureKind.MEMORY && !(lease.work() instanceof Lease.Compose)) {
        blame(task, lease.agent(), at);
      }
    }
  }

  private static String telling(String message, List<String> lines) {
    List<String> told =
        lines.stream().filter(line -> !message.contains(line)).limit(MOST_TELLING_LINES).toList();
    return told.isEmpty() ? message : message + "\n" + String.join("\n", told);
  }

  /** Whether a failure proves that the task, not the agent, is at fault. */
  private static boolean failsForAll(TaskWork task, Lease lease, FailureKind failure) {
    boolean isFault = failure != FailureKind.LINK && failure != FailureKind.MEMORY;
    if (lease.work() instanceof Lease.Compose && isFault) {
      task.composeFailures++;
    }
    if (failure == FailureKind.SCENE || isOpeningHopeless(task, lease, failure)) {
      task.sceneFailures.add(lease.agent());
    }
    return task.composeFailures >= MOST_COMPOSE_FAILURES
        || (task.sceneFailures.size() >= MOST_SCENE_FAILURES && task.stored.isEmpty());
  }

  /** Whether Blender crashes on an agent whenever it opens a scene that nobody else has open. */
  private static boolean isOpeningHopeless(TaskWork task, Lease lease, FailureKind failure) {
    return failure == FailureKind.BLENDER
        && lease.work() instanceof Lease.Open
        && task.opened.isEmpty()
        && task.failures.getOrDefault(lease.agent(), 0) + 1 >= FAILURES_UNTIL_SET_ASIDE;
  }

  /**
   * An agent gets no more of a task, which ends when no agent is left that it has not failed on,
   * unless an agent that is away for now has rendered some of it.
   */
  private void setAside(TaskWork task, AgentName name, TaskWork.SetAside aside) {
    task.setAside.put(name, aside);
    task.opened.remove(name);
    decision.touched.add(task);
    leases.revokeAll(task, name);
    if (isLeftByAll(task) && isToBlame(task) && !task.isRenderedByOthers()) {
      end(task, TaskState.ERROR, task.latestFailure);
      return;
    }
    decision.note(task, "Agent %s gets no more of this task: %s".formatted(name, aside.reason()));
  }

  /** An agent may be out of order that failed at a task which goes on without it. */
  private void blame(TaskWork task, AgentName name, Optional<Cell> at) {
    if (tasks.get(task.spec.name()) == task) {
      agent(name).ifPresent(agent -> agent.failedAt.put(task, at));
    }
  }

  /** Whether an agent failed at a task that is not known to be out of order itself. */
  private boolean isToBlame(TaskWork task) {
    return task.setAside.entrySet().stream()
        .anyMatch(aside ->
            aside.getValue().failed()
                && agent(aside.getKey()).flatMap(agent -> agent.setAside).isEmpty());
  }

  /** Whether none of the agents that are here, or may be back soon, gets more of a task. */
  private boolean isLeftByAll(TaskWork task) {
    return agents.values().stream()
        .filter(agent -> agent.isConnected() && agent.setAside.isEmpty())
        .allMatch(agent -> Allotment.isLeftOutOf(task, agent));
  }

  private void endIfHopeless(TaskWork task) {
    if (tasks.get(task.spec.name()) != task) {
      return;
    }
    if (task.lossesInARow >= TaskWork.MOST_LOSSES) {
      end(
          task,
          TaskState.ERROR,
          "Rendering cell %s ended without a result %d times in a row, with its agent or its Blender. %s"
              .formatted(task.mostLost, task.lossesInARow, task.latestFailure)
              .strip());
    } else if (task.openingsLost >= TaskWork.MOST_LOSSES) {
      end(
          task,
          TaskState.ERROR,
          "%d agents in a row were lost while they opened the scene".formatted(task.openingsLost));
    }
  }

  private void frameAssembled(TaskName name) {
    task(name)
        .filter(task -> task.phase == TaskWork.Phase.ASSEMBLING)
        .ifPresent(task -> {
          task.phase = TaskWork.Phase.COMPOSING;
          tasksToCompose.add(task);
          decision.touched.add(task);
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
    Map<AgentWork, Cell> culprits = new LinkedHashMap<>();
    for (Cell cell : cells) {
      task.discard(cell).flatMap(this::agent).ifPresent(agent -> culprits.put(agent, cell));
    }
    culprits.keySet().forEach(decision::changed);
    task.phase = TaskWork.Phase.RENDERING;
    decision.opened.add(task);
    decision.touched.add(task);
    decision.note(task, bad.message());
    culprits.forEach((agent, cell) -> {
      if (task.provedBad.merge(agent.name, 1, Integer::sum) >= FAILURES_UNTIL_SET_ASIDE
          && tasks.containsKey(bad.task())) {
        task.latestFailure = bad.message();
        setAside(task, agent.name, new TaskWork.SetAside("its cells proved bad", true));
        blame(task, agent.name, Optional.of(cell));
      }
    });
  }

  private void pictureArrived(FarmEvent.PictureArrived arrived) {
    leases
        .live(arrived.agent(), arrived.lease(), arrived.attempt())
        .filter(live -> live.lease.work() instanceof Lease.Compose)
        .ifPresent(live -> {
          leases.end(live);
          end(live.task, TaskState.COMPLETED, "the picture is there");
        });
  }

  private void timePasses(Duration up) {
    decision.now = up.compareTo(decision.now) > 0 ? up : decision.now;
    allotment.lookAgain();
    for (AgentWork agent : List.copyOf(agents.values())) {
      switch (agent.presence) {
        case SILENT -> {
          if (decision.now.minus(agent.silentSince).compareTo(rules.silence()) >= 0) {
            lapse(agent, "it does not answer");
          }
        }
        case HERE -> {
          agent
              .firstLease()
              .flatMap(first ->
                  patience.ends(agent, decision.now, () -> allotment.othersIdle(agent, first.task)))
              .ifPresent(reason -> takeAway(agent, reason));
          giveBackIfIdle(agent);
        }
        case GONE -> {}
      }
    }
  }

  /** An agent's first lease has taken too long. */
  private void takeAway(AgentWork agent, String reason) {
    LiveLease first = agent.firstLease().orElseThrow();
    TaskWork task = first.task;
    first
        .head()
        .ifPresent(cell ->
            pace.learn(
                agent,
                task.spec.scene(),
                task.plan.orElseThrow().cut().renderedWork(cell),
                CellTimings.rendering(decision.now.minus(agent.latestProgress))));
    speedChanges(agent);
    decision.note(task, "Agent %s %s; others get it".formatted(agent.name, reason));
    agent.latestProgress = decision.now;
    if (first.lease.work() instanceof Lease.Compose) {
      task.composeLosses++;
    }
    leases.lose(first);
    leases.revoke(first);
    task.opened.remove(agent.name);
    decision.late.add(agent);
  }

  private void giveBackIfIdle(AgentWork agent) {
    if (agent.machine.rented()
        && !agent.terminating
        && agent.leases.isEmpty()
        && decision.now.minus(agent.latestProgress).compareTo(rules.agentIdle()) >= 0) {
      agent.terminating = true;
      decision.agentsChanged = true;
      allotment.leaveOut(agent);
      decision.add(
          new Effect.GiveBack(
              agent.name,
              "it had nothing to do for %d seconds".formatted(rules.agentIdle().toSeconds())));
    }
  }

  private void compose(TaskWork task) {
    if (task.composeLosses >= MOST_COMPOSE_LOSSES) {
      end(
          task,
          TaskState.ERROR,
          "The picture was begun %d times, and each time the agent was lost or failed"
              .formatted(task.composeLosses));
      return;
    }
    allotment.compose(task);
  }

  private void end(TaskWork task, TaskState state, String reason) {
    for (AgentName name : List.copyOf(task.liveLeases.keySet())) {
      leases.revokeAll(task, name);
    }
    forgetLapsed(task);
    enter(task, state, reason);
    tasks.remove(task.spec.name());
    tasksByAge.remove(task);
    tasksToCompose.remove(task);
    doubtfulTasks.remove(task);
    decision.touched.remove(task);
    decision.ended.add(task);
    board.remove(task);
  }

  /** Results of leases that ran out are of no use to a task any more. */
  private void forgetLapsed(TaskWork task) {
    for (AgentName name : List.copyOf(task.lapsedAt)) {
      agent(name).ifPresent(agent -> forgetLapsed(agent, task));
    }
  }

  private void forgetLapsed(AgentWork agent, TaskWork task) {
    for (LiveLease lapsed : List.copyOf(agent.lapsed.values())) {
      if (lapsed.task == task) {
        leases.forgetLapsed(lapsed);
        decision.add(new Effect.Revoke(agent.name, lapsed.lease.id(), lapsed.lease.attempt()));
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
    decision.add(new Effect.Enter(task.spec.name(), state, reason));
  }

  private Optional<TaskWork> task(TaskName name) {
    return Optional.ofNullable(tasks.get(name));
  }

  private Optional<AgentWork> agent(AgentName name) {
    return Optional.ofNullable(agents.get(name));
  }

  private AgentWork known(AgentName name) {
    return agent(name).orElseThrow(() -> new IllegalStateException("No such agent: " + name));
  }
}
