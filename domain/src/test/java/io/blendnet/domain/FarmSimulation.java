package io.blendnet.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A farm in trouble, all of it decided by a seed. Agents render, steal, fail, lie, fall silent,
 * come back with what they hold, die and begin anew; orders and reports are lost, late, doubled and
 * out of order; tasks are run, paused, stopped, run again and removed; the Manager restarts;
 * up-time jumps. {@link FarmWitness} checks the farm after every event. In the end the trouble ends
 * too, and every task must.
 */
final class FarmSimulation {
  /**
   * How large a farm is.
   *
   * @param agents at most
   * @param tasks at most
   * @param events of the troubled part
   * @param longestSide of a frame, in pixels
   * @param mostSamples a pixel
   * @param hasWaves whether many agents come, fall silent, are lost and come back at once
   */
  record Scale(
      int agents,
      int tasks,
      int events,
      int longestSide,
      int mostSamples,
      boolean hasWaves,
      int eventsBetweenFullChecks) {
    static final Scale SMALL = new Scale(8, 20, 500, 800, 64, false, 100);
    static final Scale LARGE = new Scale(5_000, 25, 30_000, 2_000, 500, true, 10_000);
  }

  private static final FarmRules RULES = FarmRules.DEFAULT;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Reports that may come once more, long after they were read. */
  private static final int MOST_OLD_REPORTS = 100;

  /** Rounds in which every agent renders a cell: enough for all that tasks can still need. */
  private static final int MOST_CALM_ROUNDS = 5_000;

  private static final int ROUNDS_UNTIL_OTHERS_COME = 100;

  private static final List<Long> MEMORIES = List.of(0L, 4L << 30, 8L << 30, 16L << 30, 64L << 30);
  private static final long LARGEST_MEMORY = 2 * MEMORIES.getLast();

  private final Scale scale;
  private final Random random;
  private final FarmWitness witness;
  private final Map<AgentName, SimulatedAgent> agents = new LinkedHashMap<>();

  /** The same agents, to pick from. */
  private final List<SimulatedAgent> picks = new ArrayList<>();

  private final Map<TaskName, SimulatedTask> tasks = new LinkedHashMap<>();
  private final List<SimulatedTask> taskPicks = new ArrayList<>();

  /** Tasks that were removed: agents may still be at them. */
  private final Map<TaskName, SimulatedTask> removed = new LinkedHashMap<>();

  /** What is on its way from processes that are gone, or comes again. */
  private final List<FarmEvent> strays = new ArrayList<>();

  /** Few tasks are rendered by more agents, and cell after cell. */
  private final int mostTasks;

  private final int scenes;

  private final double usualTrouble;
  private double trouble;
  private Farm farm = new Farm(new LeaseId(1), RULES);
  private Duration up = Duration.ZERO;
  private int boots;
  private int tasksBegun;

  FarmSimulation(long seed, Scale scale, DecisionTimes times) {
    this.scale = scale;
    random = new Random(seed);
    usualTrouble = random.nextInt(5) == 0 ? 0 : random.nextDouble();
    trouble = usualTrouble;
    scenes = 1 + random.nextInt(4);
    mostTasks = scale.hasWaves ? scale.tasks : 1 + random.nextInt(scale.tasks);
    witness = new FarmWitness(RULES, scale.eventsBetweenFullChecks, times);
  }

  /**
   * Runs it.
   *
   * @throws AssertionError that tells what the farm did wrong, and the events before it
   */
  void run() {
    try {
      beTroubled();
      calmDown();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(e.getMessage() + "\n" + witness.latestEvents(), e);
    }
  }

  /** Only the troubled part of it, for tests of the witness. */
  void beTroubled() {
    while (witness.events() < scale.events) {
      step();
    }
  }

  Farm farm() {
    return farm;
  }

  FarmWitness witness() {
    return witness;
  }

  int events() {
    return witness.events();
  }

  /** What happened, for comparing two runs. */
  String story() {
    return witness.latestEvents() + farm.nextLease();
  }

  private void step() {
    if (scale.hasWaves && random.nextInt(6_000) == 0) {
      wave();
    }
    switch (random.nextInt(100)) {
      case 0, 1, 2 -> agentComes();
      case 3, 4 -> taskComes();
      case 7, 8 -> troubleWithAgents();
      case 9, 10 -> agentComesBack();
      case 11, 12, 13, 14, 15 -> {
        // Each costs as much as there are agents.
        if (!scale.hasWaves || random.nextInt(10) == 0) {
          somethingForAll();
        }
      }
      case 16, 17 -> troubleWithMessages();
      case 18, 19, 20, 21 -> assemble();
      default -> agentGoesOn();
    }
  }

  private void somethingForAll() {
    if (random.nextInt(5) < 3) {
      users();
    } else {
      timePasses();
    }
  }

  private boolean isTroubled(double share) {
    return random.nextDouble() < share * trouble;
  }

  // Agents.

  private void agentComes() {
    AgentName name = new AgentName("agent-" + random.nextInt(scale.agents));
    SimulatedAgent known = agents.get(name);
    if (known == null || isTroubled(0.3)) {
      agentStarts(name);
    }
  }

  /** A process starts; the one before it of that name is gone, though nobody may have noticed. */
  private void agentStarts(AgentName name) {
    BlenderVersion blender =
        random.nextInt(5) == 0 ? TestingScene.OTHER_BLENDER : TestingScene.BLENDER;
    agentStarts(
        new SimulatedAgent(
            name,
            new AgentMachine(
                "boot-" + boots++,
                1 + random.nextInt(8),
                MEMORIES.get(random.nextInt(MEMORIES.size())),
                random.nextInt(3) == 0),
            blender,
            5_000 * Math.pow(10, 2.5 * random.nextDouble()),
            isTroubled(0.4) ? random.nextDouble() * 0.6 : 0,
            isTroubled(0.1) ? pick(List.of(CellLooks.values())) : CellLooks.FINE));
  }

  private void agentStarts(SimulatedAgent agent) {
    Optional.ofNullable(agents.remove(agent.name)).ifPresent(this::bury);
    agents.put(agent.name, agent);
    picks.add(agent);
    join(agent);
  }

  /** Nothing more is heard of a process but what is on its way. */
  private void bury(SimulatedAgent agent) {
    agent.reports.forEach(this::remember);
    agent.die();
    agents.remove(agent.name, agent);
    picks.remove(agent);
  }

  private void remember(FarmEvent event) {
    if (strays.size() == MOST_OLD_REPORTS) {
      strays.set(random.nextInt(strays.size()), event);
    } else {
      strays.add(event);
    }
  }

  /** The Manager joins an agent and hears what it holds, which may include what nobody gave it. */
  private void join(SimulatedAgent agent) {
    List<HeldLease> held = new ArrayList<>(agent.held());
    if (isTroubled(0.05)) {
      held.add(new HeldLease(new LeaseId(1_000_000 + random.nextInt(1_000)), 1, Set.of(0)));
    }
    agent.joined();
    decide(new FarmEvent.AgentJoined(agent.name, agent.machine, held));
    if (agent.isTerminating) {
      decide(new FarmEvent.AgentTerminating(agent.name, "it has said so before"));
    }
  }

  private void away(SimulatedAgent agent, Absence absence) {
    agent.isJoined = false;
    agent.orders.clear();
    decide(new FarmEvent.AgentAway(agent.name, absence, "nothing is heard of it"));
    if (absence == Absence.REMOVED) {
      bury(agent);
    }
  }

  private void dies(SimulatedAgent agent) {
    agent.reports.forEach(this::remember);
    agent.reports.clear();
    agent.die();
  }

  private void troubleWithAgents() {
    if (picks.isEmpty() || !isTroubled(0.8)) {
      return;
    }
    SimulatedAgent agent = pick(picks);
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        dies(agent);
        away(agent, Absence.LOST);
      }
      case 2 -> {
        dies(agent);
        away(agent, Absence.SILENT);
      }
      // Nobody has noticed yet.
      case 3 -> dies(agent);
      case 4, 5, 6 -> away(agent, Absence.SILENT);
      // It only seems so.
      case 7 -> away(agent, Absence.LOST);
      case 8 -> agent.terminate();
      case 9 -> away(agent, Absence.REMOVED);
      case 10 -> {
        if (agent.isJoined && !agent.isDead) {
          join(agent);
        }
      }
      default -> {
        if (random.nextInt(3) == 0) {
          restart();
        }
      }
    }
  }

  /** Whoever is away comes back, or what is left of it is found to be gone. */
  private void agentComesBack() {
    List<SimulatedAgent> away =
        picks.size() > 100
            ? List.of(pick(picks))
            : picks.stream().filter(agent -> !agent.isJoined || agent.isDead).toList();
    if (!away.isEmpty()) {
      comesBack(pick(away));
    }
  }

  private void comesBack(SimulatedAgent agent) {
    if (agent.isDead) {
      if (agent.isJoined) {
        away(agent, random.nextBoolean() ? Absence.LOST : Absence.SILENT);
      }
      agentStarts(agent.name);
    } else if (!agent.isJoined) {
      join(agent);
    }
  }

  /** The Manager starts again with what its store has; agents come back to it, or not. */
  private void restart() {
    farm = new Farm(farm.nextLease(), RULES);
    up = Duration.ZERO;
    tasks.values().forEach(task -> task.isAssembling = false);
    for (SimulatedAgent agent : picks) {
      agent.isJoined = false;
      agent.orders.clear();
    }
    for (TaskName name : witness.managerRestarts()) {
      decide(new FarmEvent.TaskReady(witness.books().stored(task(name).spec)));
    }
    for (SimulatedAgent agent : List.copyOf(picks)) {
      if (!agent.isDead && !isTroubled(0.3)) {
        join(agent);
      }
    }
  }

  /** Something happens to many agents at once. */
  private void wave() {
    int kind = random.nextInt(8);
    double share = 0.1 + 0.5 * random.nextDouble();
    if (kind < 3 || picks.size() < scale.agents / 2) {
      for (int i = 0; i < scale.agents && picks.size() < scale.agents; i++) {
        AgentName name = new AgentName("agent-" + i);
        if (!agents.containsKey(name) && random.nextDouble() < share) {
          agentStarts(name);
        }
      }
      return;
    }
    for (SimulatedAgent agent : List.copyOf(picks)) {
      if (random.nextDouble() >= share * trouble) {
        continue;
      }
      switch (kind) {
        case 3 -> away(agent, Absence.SILENT);
        case 4 -> {
          dies(agent);
          away(agent, Absence.LOST);
        }
        case 5 -> agent.terminate();
        default -> comesBack(agent);
      }
    }
    if (kind == 7 && isTroubled(0.5)) {
      restart();
    }
  }

  /** An agent, or the line to it, does what comes next. */
  private void agentGoesOn() {
    if (picks.isEmpty()) {
      return;
    }
    SimulatedAgent agent = pick(picks);
    if (agent.isDone()) {
      ends(agent);
      return;
    }
    int turn = random.nextInt(3);
    for (int i = 0; i < 3; i++) {
      if (doesSomething(agent, (turn + i) % 3)) {
        return;
      }
    }
  }

  private boolean doesSomething(SimulatedAgent agent, int what) {
    return switch (what) {
      case 0 -> agent.isJoined && !agent.isDead && receives(agent);
      case 1 -> works(agent);
      default -> agent.isJoined && !agent.isDead && reports(agent);
    };
  }

  private boolean receives(SimulatedAgent agent) {
    if (agent.orders.isEmpty()) {
      return false;
    }
    Effect order = agent.orders.getFirst();
    int before = agent.reports.size();
    agent.receive();
    if (order instanceof Effect.Steal && agent.reports.size() > before) {
      if (isTroubled(0.3)) {
        // The answer got lost; the Manager asks again until it has one.
        agent.reports.removeLast();
        agent.orders.addFirst(order);
      } else if (isTroubled(0.2)) {
        agent.reports.add(agent.reports.getLast());
      }
    }
    return true;
  }

  private boolean works(SimulatedAgent agent) {
    if (!agent.hasWork()) {
      return false;
    }
    Optional<FailureKind> fails =
        random.nextDouble() < agent.failing
            ? Optional.of(pick(List.of(FailureKind.values())))
            : Optional.empty();
    if (agent.work(this::task, fails) instanceof SimulatedAgent.Outcome.Death) {
      dies(agent);
      if (!isTroubled(0.5)) {
        away(agent, Absence.LOST);
      }
    }
    return true;
  }

  private boolean reports(SimulatedAgent agent) {
    if (agent.reports.isEmpty()) {
      return false;
    }
    int at = isTroubled(0.3) ? random.nextInt(agent.reports.size()) : 0;
    FarmEvent report = agent.reports.remove(at);
    if (isTroubled(0.03)) {
      agent.lost(report);
      return true;
    }
    agent.read(report);
    if (isTroubled(0.3)) {
      remember(report);
    }
    decide(report);
    return true;
  }

  /** An agent's notice is over. */
  private void ends(SimulatedAgent agent) {
    dies(agent);
    away(agent, random.nextBoolean() ? Absence.LOST : Absence.REMOVED);
    agents.computeIfPresent(agent.name, (_, known) -> known);
  }

  // Tasks.

  private void taskComes() {
    if (tasks.size() < mostTasks) {
      TaskName name = new TaskName("task-" + tasksBegun++);
      TaskSpec spec =
          TaskSpec.fresh(
              name,
              "scene-" + random.nextInt(scenes),
              1,
              pick(List.of(Strategy.values())),
              random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0,
              START.plusSeconds(random.nextInt(100)));
      SimulatedTask task =
          new SimulatedTask(
              spec.placed(random.nextInt(3) == 0 ? random.nextInt(4) : 0, random.nextInt(20) == 0),
              facts(),
              isTroubled(0.4)
                  ? pick(List.of(SimulatedTask.Ailment.values()))
                  : SimulatedTask.Ailment.NONE);
      tasks.put(name, task);
      taskPicks.add(task);
      decide(new FarmEvent.TaskReady(task.spec));
    }
  }

  private SceneFacts facts() {
    int side = random.nextInt(3) == 0 ? scale.longestSide : scale.longestSide / 4;
    int width = 32 + random.nextInt(side - 31);
    int height = 32 + random.nextInt(side - 31) * 2 / 3;
    int samples = 1 + random.nextInt(scale.mostSamples);
    return switch (random.nextInt(4)) {
      case 0 -> TestingScene.adaptive(width, height, samples);
      case 1 ->
          TestingScene.withTileObstacles(
              TestingScene.fixed(width, height, samples), "It looks beyond a tile.");
      default -> TestingScene.fixed(width, height, samples);
    };
  }

  private void users() {
    if (taskPicks.isEmpty()) {
      return;
    }
    SimulatedTask task = pick(taskPicks);
    TaskName name = task.name();
    switch (witness.books().state(name)) {
      case STOPPED, ERROR -> {
        if (random.nextInt(4) == 0) {
          remove(task);
        } else {
          decide(new FarmEvent.TaskReady(witness.books().stored(task.spec)));
        }
      }
      case COMPLETED -> {
        if (random.nextInt(4) == 0) {
          remove(task);
        }
      }
      case CREATED, PENDING, RUNNING -> {
        switch (random.nextInt(6)) {
          case 0 -> decide(new FarmEvent.TaskPaused(name));
          case 1, 2, 3 -> decide(new FarmEvent.TaskResumed(name));
          case 4 -> decide(new FarmEvent.TaskPrioritized(name, random.nextInt(4)));
          default -> stops(name);
        }
      }
    }
  }

  private void stops(TaskName name) {
    if (isTroubled(0.5)) {
      decide(
          random.nextInt(8) == 0
              ? new FarmEvent.TaskBroke(name, "The disk is full")
              : new FarmEvent.TaskStopped(name));
    }
  }

  private void remove(SimulatedTask task) {
    witness.books().remove(task.name());
    tasks.remove(task.name());
    taskPicks.remove(task);
    removed.put(task.name(), task);
  }

  private void assemble() {
    List<SimulatedTask> waiting = taskPicks.stream().filter(task -> task.isAssembling).toList();
    if (waiting.isEmpty()) {
      return;
    }
    SimulatedTask task = pick(waiting);
    task.isAssembling = false;
    if (isTroubled(0.3)) {
      List<Cell> bad =
          witness.books().storedCells(task.name()).stream()
              .filter(_ -> random.nextInt(4) == 0)
              .toList();
      decide(new FarmEvent.CellsProvedBad(task.name(), bad, "some cells cannot be read"));
    } else {
      decide(new FarmEvent.FrameAssembled(task.name()));
    }
  }

  // Messages and time.

  private void troubleWithMessages() {
    if (!isTroubled(1)) {
      return;
    }
    switch (random.nextInt(4)) {
      case 0, 1 -> {
        if (!strays.isEmpty()) {
          FarmEvent stray = pick(strays);
          if (!(stray instanceof FarmEvent.AgentTerminating)) {
            decide(stray);
          }
        }
      }
      case 2 -> aLease().ifPresent(lease -> decide(wrong(lease)));
      default -> {
        if (!taskPicks.isEmpty() && !pick(taskPicks).isAssembling) {
          taskPicks.stream()
              .filter(task -> !task.isAssembling)
              .findFirst()
              .ifPresent(task -> decide(new FarmEvent.FrameAssembled(task.name())));
        }
      }
    }
  }

  private Optional<Lease> aLease() {
    if (picks.isEmpty()) {
      return Optional.empty();
    }
    List<Lease> leases = farm.leasesOf(pick(picks).name);
    return leases.isEmpty() ? Optional.empty() : Optional.of(pick(leases));
  }

  /** A message about a lease that its agent cannot have sent. */
  private FarmEvent wrong(Lease lease) {
    AgentName agent = lease.agent();
    AgentName other = new AgentName("nobody");
    LeaseId id = lease.id();
    LeaseId otherId = new LeaseId(id.value() + 1_000_000);
    int attempt = lease.attempt();
    CellTimings timings = CellTimings.rendering(Duration.ofSeconds(1));
    return switch (random.nextInt(8)) {
      case 0 -> new FarmEvent.CellArrived(agent, id, attempt + 1, 0, timings, CellLooks.FINE);
      case 1 -> new FarmEvent.CellArrived(agent, id, attempt, 1_000, timings, CellLooks.FINE);
      case 2 -> new FarmEvent.CellArrived(other, id, attempt, 0, timings, CellLooks.BLACK);
      case 3 -> new FarmEvent.CellsReturned(agent, id, attempt + 1, Set.of(0, 1));
      case 4 -> new FarmEvent.CellsReturned(other, id, attempt, Set.of(0, 1));
      case 5 ->
          new FarmEvent.LeaseFailed(agent, otherId, attempt, FailureKind.SCENE, "late", List.of());
      case 6 -> new FarmEvent.SceneOpened(agent, otherId, attempt, facts());
      default -> new FarmEvent.PictureArrived(agent, id, attempt + 1);
    };
  }

  private void timePasses() {
    up = up.plus(passing());
    decide(new FarmEvent.TimePassed(up));
  }

  private Duration passing() {
    if (isTroubled(0.1)) {
      return Duration.ofMinutes(random.nextInt(30));
    }
    return switch (random.nextInt(4)) {
      case 0 -> Duration.ZERO;
      case 1 -> Duration.ofSeconds(random.nextInt(30));
      default -> Duration.ofMillis(random.nextInt(3_000));
    };
  }

  private void decide(FarmEvent event) {
    witness.decide(farm, event).forEach(this::carryOut);
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Grant(Lease lease) -> {
        SimulatedAgent agent = agent(lease.agent());
        if (!isTroubled(0.03)) {
          agent.orders.add(effect);
        } else if (random.nextInt(4) > 0) {
          agent.reports.add(
              new FarmEvent.LeaseFailed(
                  agent.name,
                  lease.id(),
                  lease.attempt(),
                  FailureKind.LINK,
                  "the lease did not arrive",
                  List.of()));
        }
      }
      case Effect.Revoke revoke -> {
        // It may be too late: the agent has done it, or never hears of it.
        if (!isTroubled(0.2)) {
          order(revoke.agent(), revoke);
        }
      }
      case Effect.Steal steal -> order(steal.agent(), steal);
      case Effect.GiveBack back -> order(back.agent(), back);
      case Effect.Assemble(TaskName name) -> task(name).isAssembling = true;
      case Effect.Enter(TaskName name, TaskState state, String _) ->
          task(name).isAssembling &= state == TaskState.RUNNING;
      case Effect.Forget _,
          Effect.Plan _,
          Effect.Keep _,
          Effect.Drop _,
          Effect.Note _,
          Effect.SetAside _ -> {}
    }
  }

  /** An order to an agent that is away is not kept for it. */
  private void order(AgentName name, Effect order) {
    SimulatedAgent agent = agents.get(name);
    if (agent != null && agent.isJoined) {
      agent.orders.add(order);
    }
  }

  // The end.

  /** Healthy agents of every Blender are there and nothing is lost: all tasks end. */
  private void calmDown() {
    trouble = 0;
    boolean isEveryoneRemoved = random.nextBoolean();
    for (SimulatedAgent agent : List.copyOf(picks)) {
      if (isEveryoneRemoved || agent.isDead || agent.isTerminating || agent.failing > 0) {
        away(agent, Absence.REMOVED);
      } else {
        agent.looks = CellLooks.FINE;
        join(agent);
      }
    }
    for (SimulatedAgent agent : List.copyOf(picks)) {
      everythingIsReported(agent);
    }
    strays.forEach(this::decide);
    strays.clear();
    Set<TaskName> active = runAll();
    for (int round = 0; round < MOST_CALM_ROUNDS && !isAllOver(); round++) {
      // A task may wait for another agent than those that it has failed on.
      if (round % ROUNDS_UNTIL_OTHERS_COME == 0) {
        healthyAgentsCome(round, 2 + scale.agents / 100);
      }
      calmRound();
    }
    for (SimulatedTask task : tasks.values()) {
      witness.expectEnded(
          farm, task.name(), active.contains(task.name()) ? due(task) : Optional.empty());
    }
    witness.expectNoLeases(farm);
  }

  /** What a task must end as, where that is certain. */
  private Optional<TaskState> due(SimulatedTask task) {
    // Agents that are large enough may all be dead when the others have failed.
    boolean isUncertain =
        task.ailment == SimulatedTask.Ailment.NEEDS_MEMORY
            && tasks.values().stream().anyMatch(SimulatedTask::killsAgents);
    return isUncertain ? Optional.empty() : Optional.of(task.due());
  }

  private Set<TaskName> runAll() {
    for (SimulatedTask task : tasks.values()) {
      if (witness.books().state(task.name()) == TaskState.STOPPED) {
        decide(new FarmEvent.TaskReady(witness.books().stored(task.spec)));
      }
    }
    for (SimulatedTask task : tasks.values()) {
      decide(new FarmEvent.TaskResumed(task.name()));
    }
    return tasks.keySet().stream()
        .filter(name -> witness.books().state(name).isActive())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void healthyAgentsCome(int round, int count) {
    for (int i = round * count; i < (round + 1) * count; i++) {
      healthyAgentComes("healthy-" + i, TestingScene.BLENDER);
      healthyAgentComes("other-" + i, TestingScene.OTHER_BLENDER);
    }
  }

  private void healthyAgentComes(String name, BlenderVersion blender) {
    agentStarts(
        new SimulatedAgent(
            new AgentName(name),
            new AgentMachine("boot-" + boots++, 2, LARGEST_MEMORY, false),
            blender,
            400_000,
            0,
            CellLooks.FINE));
  }

  private boolean isAllOver() {
    return tasks.keySet().stream().noneMatch(name -> witness.books().state(name).isActive());
  }

  private void calmRound() {
    up = up.plusSeconds(1);
    decide(new FarmEvent.TimePassed(up));
    for (SimulatedTask task : tasks.values()) {
      if (task.isAssembling) {
        task.isAssembling = false;
        decide(new FarmEvent.FrameAssembled(task.name()));
      }
    }
    for (SimulatedAgent agent : List.copyOf(picks)) {
      if (agent.isDead) {
        healthyAgentComes(agent.name.value(), agent.blender);
      } else if (agent.isDone()) {
        away(agent, Absence.REMOVED);
      } else {
        while (!agent.orders.isEmpty()) {
          agent.receive();
        }
        works(agent);
        everythingIsReported(agent);
      }
    }
  }

  private void everythingIsReported(SimulatedAgent agent) {
    while (!agent.reports.isEmpty()) {
      reports(agent);
    }
  }

  private SimulatedAgent agent(AgentName name) {
    SimulatedAgent agent = agents.get(name);
    if (agent == null) {
      throw new AssertionError("The farm speaks of an agent that is not there: " + name);
    }
    return agent;
  }

  private SimulatedTask task(TaskName name) {
    SimulatedTask task = tasks.getOrDefault(name, removed.get(name));
    if (task == null) {
      throw new AssertionError("The farm speaks of a task that it never had: " + name);
    }
    return task;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
