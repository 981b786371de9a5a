package io.blendnet.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A farm in trouble, all of it decided by a seed: agents render, fail, crash, come back and lie;
 * their messages are lost, late, doubled and out of order; tasks are run, stopped and run again;
 * the Manager restarts. {@link FarmWitness} checks the farm after every event. In the end the
 * trouble ends too, and every task must.
 */
final class FarmSimulation {
  static final int MOST_AGENTS = 8;
  static final int MOST_TASKS = 20;
  static final int EVENTS = 500;

  /** Enough for all that 20 tasks can still need. */
  private static final int MOST_CALM_EVENTS = 50_000;

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** An agent's process: what it was told and has not done. */
  private static final class SimulatedAgent {
    final AgentName name;
    final BlenderVersion blender;
    final double workPerSecond;
    final double failing;
    final Deque<Lease> told = new ArrayDeque<>();

    SimulatedAgent(AgentName name, BlenderVersion blender, double workPerSecond, double failing) {
      this.name = name;
      this.blender = blender;
      this.workPerSecond = workPerSecond;
      this.failing = failing;
    }
  }

  /** What is wrong with a task. */
  private enum Ailment {
    NONE,
    CANNOT_BE_OPENED,
    HAS_A_CELL_THAT_CRASHES_BLENDER,
    CANNOT_BE_COMPOSED
  }

  /** A task as the Manager's store has it. */
  private static final class SimulatedTask {
    final TaskSpec spec;
    final SceneFacts facts;
    final Ailment ailment;
    boolean assembling;

    SimulatedTask(TaskSpec spec, SceneFacts facts, Ailment ailment) {
      this.spec = spec;
      this.facts = facts;
      this.ailment = ailment;
    }
  }

  private final Random random;
  private final FarmWitness witness = new FarmWitness();
  private final Map<AgentName, SimulatedAgent> agents = new LinkedHashMap<>();
  private final Map<TaskName, SimulatedTask> tasks = new LinkedHashMap<>();
  private final List<FarmEvent> inFlight = new ArrayList<>();
  private final List<FarmEvent> delivered = new ArrayList<>();
  private final Set<AgentName> stuck = new HashSet<>();
  private double trouble;
  private Farm farm = new Farm(new LeaseId(1));

  FarmSimulation(long seed) {
    random = new Random(seed);
    trouble = random.nextInt(4) == 0 ? 0 : random.nextDouble();
  }

  /**
   * Runs it.
   *
   * @throws AssertionError that tells what the farm did wrong, and the events before it
   */
  void run() {
    try {
      for (int i = 0; i < EVENTS; i++) {
        step();
      }
      calm();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(e.getMessage() + "\n" + witness.latestEvents(), e);
    }
  }

  /** What happened, for comparing two runs. */
  String story() {
    return witness.latestEvents() + farm.nextLease();
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0 -> agentComes();
      case 1 -> taskComes();
      case 2 -> troubleWithAgents();
      case 3 -> troubleWithTasks();
      case 4 -> troubleWithMessages();
      case 5, 6 -> assemble();
      case 7, 8, 9, 10, 11, 12 -> agentWorks();
      default -> deliver();
    }
  }

  private boolean isTroubled(double share) {
    return random.nextDouble() < share * trouble;
  }

  private void agentComes() {
    if (agents.size() < MOST_AGENTS) {
      boolean hasOther = random.nextInt(5) == 0;
      agentComes(
          new AgentName("agent-" + random.nextInt(MOST_AGENTS)),
          hasOther ? TestingScene.OTHER_BLENDER : TestingScene.BLENDER,
          isTroubled(0.5) ? random.nextDouble() * 0.6 : 0);
    }
  }

  private void agentComes(AgentName name, BlenderVersion blender, double failing) {
    double workPerSecond = 20_000 * Math.pow(10, 2 * random.nextDouble());
    agents.put(name, new SimulatedAgent(name, blender, workPerSecond, failing));
    stuck.remove(name);
    decide(new FarmEvent.AgentJoined(name, 1 + random.nextInt(8)));
  }

  private void agentLeaves(AgentName name) {
    agents.remove(name);
    stuck.remove(name);
    decide(new FarmEvent.AgentLeft(name, "connection lost"));
  }

  private void taskComes() {
    if (tasks.size() == MOST_TASKS) {
      return;
    }
    TaskName name = new TaskName("task-" + tasks.size());
    SceneFacts facts = facts();
    Ailment ailment = isTroubled(0.3) ? pick(List.of(Ailment.values())) : Ailment.NONE;
    TaskSpec spec =
        new TaskSpec(
            name,
            "scene-" + random.nextInt(4),
            1,
            pick(List.of(Strategy.values())),
            random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0,
            START.plusSeconds(random.nextInt(100)),
            Optional.empty(),
            List.of());
    tasks.put(name, new SimulatedTask(spec, facts, ailment));
    decide(new FarmEvent.TaskReady(spec));
  }

  private SceneFacts facts() {
    int width = 32 + random.nextInt(400);
    int height = 32 + random.nextInt(250);
    int samples = 1 + random.nextInt(64);
    return switch (random.nextInt(4)) {
      case 0 -> TestingScene.adaptive(width, height, samples);
      case 1 ->
          TestingScene.withTileObstacles(
              TestingScene.fixed(width, height, samples), "It looks beyond a tile.");
      default -> TestingScene.fixed(width, height, samples);
    };
  }

  private void troubleWithAgents() {
    if (agents.isEmpty() || !isTroubled(0.6)) {
      return;
    }
    SimulatedAgent agent = pick(List.copyOf(agents.values()));
    switch (random.nextInt(4)) {
      case 0, 1 -> agentLeaves(agent.name);
      case 2 -> agentComes(agent.name, agent.blender, agent.failing);
      default -> {
        Farm old = farm;
        restart(old.nextLease());
      }
    }
  }

  /** The Manager starts again with what its store has; agents come back to it. */
  private void restart(LeaseId nextLease) {
    farm = new Farm(nextLease);
    List<TaskName> active = witness.managerRestarts();
    for (TaskName name : active) {
      decide(new FarmEvent.TaskReady(witness.stored(task(name).spec)));
    }
    for (SimulatedAgent agent : List.copyOf(agents.values())) {
      agentComes(agent.name, agent.blender, agent.failing);
    }
  }

  private void troubleWithTasks() {
    if (tasks.isEmpty()) {
      return;
    }
    SimulatedTask task = pick(List.copyOf(tasks.values()));
    TaskName name = task.spec.name();
    if (witness.state(name) == TaskState.STOPPED) {
      decide(new FarmEvent.TaskReady(witness.stored(task.spec)));
    } else if (isTroubled(0.5)) {
      decide(new FarmEvent.TaskStopped(name));
    } else if (isTroubled(0.05)) {
      decide(new FarmEvent.TaskBroke(name, "The disk is full"));
    }
  }

  private void troubleWithMessages() {
    if (!isTroubled(1)) {
      return;
    }
    switch (random.nextInt(5)) {
      case 0 -> {
        if (!inFlight.isEmpty()) {
          lose(inFlight.remove(random.nextInt(inFlight.size())));
        }
      }
      case 1 -> {
        if (!delivered.isEmpty()) {
          decide(pick(delivered));
        }
      }
      case 2 -> {
        List<Lease> live = farm.liveLeases();
        if (!live.isEmpty()) {
          decide(wrong(pick(live)));
        }
      }
      case 3 -> {
        List<SimulatedTask> others =
            tasks.values().stream().filter(task -> !task.assembling).toList();
        if (!others.isEmpty()) {
          decide(new FarmEvent.FrameAssembled(pick(others).spec.name()));
        }
      }
      default -> stuck.stream().findFirst().ifPresent(this::agentLeaves);
    }
  }

  /** An agent whose report or order was lost does nothing more about it until it starts anew. */
  private void lose(FarmEvent event) {
    AgentName agent = FarmWitness.agent(event).orElseThrow();
    if (agents.containsKey(agent)) {
      stuck.add(agent);
    }
  }

  /** A message about a lease that its agent cannot have sent. */
  private FarmEvent wrong(Lease lease) {
    AgentName agent = lease.agent();
    int attempt = lease.attempt();
    return switch (random.nextInt(5)) {
      case 0 -> new FarmEvent.CellArrived(agent, lease.id(), attempt + 1, 0, timings(1));
      case 1 -> new FarmEvent.CellArrived(agent, lease.id(), attempt, 1, timings(1));
      case 2 ->
          new FarmEvent.CellArrived(new AgentName("agent"), lease.id(), attempt, 0, timings(1));
      case 3 ->
          new FarmEvent.LeaseFailed(
              agent, new LeaseId(lease.id().value() + 100), attempt, FailureKind.SCENE, "late");
      default -> new FarmEvent.PictureArrived(agent, lease.id(), attempt + 1);
    };
  }

  private void assemble() {
    List<SimulatedTask> waiting = tasks.values().stream().filter(task -> task.assembling).toList();
    if (waiting.isEmpty()) {
      return;
    }
    SimulatedTask task = pick(waiting);
    TaskName name = task.spec.name();
    task.assembling = false;
    if (isTroubled(0.3)) {
      List<Cell> bad =
          witness.storedCells(name).stream().filter(_ -> random.nextInt(4) == 0).toList();
      decide(new FarmEvent.CellsProvedBad(name, bad, "some cells are black"));
    } else {
      decide(new FarmEvent.FrameAssembled(name));
    }
  }

  private void agentWorks() {
    List<SimulatedAgent> able =
        agents.values().stream()
            .filter(agent -> !agent.told.isEmpty() && !stuck.contains(agent.name))
            .toList();
    if (!able.isEmpty()) {
      SimulatedAgent agent = pick(able);
      Lease lease = agent.told.removeFirst();
      inFlight.add(random.nextDouble() < agent.failing ? failure(lease) : result(agent, lease));
    }
  }

  private FarmEvent failure(Lease lease) {
    return new FarmEvent.LeaseFailed(
        lease.agent(),
        lease.id(),
        lease.attempt(),
        pick(List.of(FailureKind.values())),
        "something broke");
  }

  private FarmEvent result(SimulatedAgent agent, Lease lease) {
    SimulatedTask task = task(lease.task());
    return switch (lease.work()) {
      case Lease.Open _ ->
          task.ailment == Ailment.CANNOT_BE_OPENED
              ? fails(lease, FailureKind.SCENE)
              : new FarmEvent.SceneOpened(
                  agent.name,
                  lease.id(),
                  lease.attempt(),
                  TestingScene.openedBy(agent.blender, task.facts));
      case Lease.Render(List<Cell> cells, FrameCut _) ->
          task.ailment == Ailment.HAS_A_CELL_THAT_CRASHES_BLENDER
                  && cells.getFirst().tile().contains(new Tile(3, 3, 1, 1))
              ? fails(lease, FailureKind.BLENDER)
              : new FarmEvent.CellArrived(
                  agent.name,
                  lease.id(),
                  lease.attempt(),
                  0,
                  timings(cells.getFirst().work() / agent.workPerSecond));
      case Lease.Compose _ ->
          task.ailment == Ailment.CANNOT_BE_COMPOSED
              ? fails(lease, FailureKind.BLENDER)
              : new FarmEvent.PictureArrived(agent.name, lease.id(), lease.attempt());
    };
  }

  private static FarmEvent fails(Lease lease, FailureKind kind) {
    return new FarmEvent.LeaseFailed(
        lease.agent(), lease.id(), lease.attempt(), kind, "it cannot be done");
  }

  private static CellTimings timings(double seconds) {
    Duration render = Duration.ofNanos((long) (seconds * 1e9));
    return new CellTimings(Duration.ofMillis(10), render, Duration.ofMillis(20), Duration.ZERO);
  }

  private void deliver() {
    if (inFlight.isEmpty()) {
      return;
    }
    FarmEvent event = inFlight.remove(isTroubled(1) ? random.nextInt(inFlight.size()) : 0);
    if (isTroubled(0.2)) {
      inFlight.add(event);
    }
    delivered.add(event);
    decide(event);
  }

  private void decide(FarmEvent event) {
    for (Effect effect : witness.decide(farm, event)) {
      switch (effect) {
        case Effect.Grant(Lease lease) -> {
          if (isTroubled(0.02)) {
            stuck.add(lease.agent());
          } else {
            told(lease.agent()).ifPresent(told -> told.addLast(lease));
          }
        }
        case Effect.Revoke(Lease lease) -> {
          // It may be too late: the agent has done it, or never hears of it.
          if (!isTroubled(0.2)) {
            told(lease.agent()).ifPresent(told -> told.remove(lease));
          }
        }
        case Effect.Assemble(TaskName name) -> task(name).assembling = true;
        case Effect.Enter(TaskName name, TaskState state, String _) ->
            task(name).assembling &= state == TaskState.RUNNING;
        case Effect.Plan _, Effect.Keep _, Effect.Drop _, Effect.Note _ -> {}
      }
    }
  }

  private Optional<Deque<Lease>> told(AgentName name) {
    return Optional.ofNullable(agents.get(name)).map(agent -> agent.told);
  }

  /** Healthy agents of every Blender are there and nothing is lost: all tasks end. */
  private void calm() {
    trouble = 0;
    for (AgentName name : List.copyOf(agents.keySet())) {
      agentLeaves(name);
    }
    while (!inFlight.isEmpty()) {
      decide(inFlight.removeFirst());
    }
    for (TaskName name : tasks.keySet()) {
      if (witness.state(name) == TaskState.STOPPED) {
        decide(new FarmEvent.TaskReady(witness.stored(task(name).spec)));
      }
    }
    Set<TaskName> active =
        tasks.keySet().stream()
            .filter(name -> witness.state(name).isActive())
            .collect(Collectors.toSet());
    calmAgentComes("healthy-1", TestingScene.BLENDER);
    calmAgentComes("healthy-2", TestingScene.BLENDER);
    calmAgentComes("other-1", TestingScene.OTHER_BLENDER);
    for (int i = 0; i < MOST_CALM_EVENTS && isBusy(); i++) {
      calmStep();
    }
    for (SimulatedTask task : tasks.values()) {
      TaskName name = task.spec.name();
      witness.expectEnded(
          farm, name, active.contains(name) ? Optional.of(due(task)) : Optional.empty());
    }
    if (!farm.liveLeases().isEmpty()) {
      throw new AssertionError("Leases of ended tasks: " + farm.liveLeases());
    }
  }

  /** What a task must end as when nothing troubles it any more. */
  private static TaskState due(SimulatedTask task) {
    boolean isRefused =
        FrameCut.decide(task.spec.strategy(), task.facts) instanceof FrameCut.Decision.Refused;
    return task.ailment == Ailment.NONE && !isRefused ? TaskState.COMPLETED : TaskState.ERROR;
  }

  private void calmAgentComes(String name, BlenderVersion blender) {
    AgentName agent = new AgentName(name);
    agents.put(agent, new SimulatedAgent(agent, blender, 400_000, 0));
    decide(new FarmEvent.AgentJoined(agent, 2));
  }

  private boolean isBusy() {
    return tasks.values().stream().anyMatch(task -> task.assembling)
        || agents.values().stream().anyMatch(agent -> !agent.told.isEmpty());
  }

  private void calmStep() {
    stuck.clear();
    for (SimulatedTask task : tasks.values()) {
      if (task.assembling) {
        task.assembling = false;
        decide(new FarmEvent.FrameAssembled(task.spec.name()));
      }
    }
    for (SimulatedAgent agent : List.copyOf(agents.values())) {
      if (!agent.told.isEmpty()) {
        decide(result(agent, agent.told.removeFirst()));
      }
    }
  }

  private SimulatedTask task(TaskName name) {
    SimulatedTask task = tasks.get(name);
    if (task == null) {
      throw new AssertionError("The farm speaks of a task that it never had: " + name);
    }
    return task;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
