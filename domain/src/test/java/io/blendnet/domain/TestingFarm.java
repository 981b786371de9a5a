package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A farm whose agents do what they are told, one step when the test says so, and give back at once
 * what is stolen from them. It keeps the stored cells of each task as the Manager's store would.
 */
final class TestingFarm {
  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration SAVE = Duration.ofMillis(60);

  private static final long GIB = 1L << 30;

  final Farm farm;

  /** How much work a cell really is, in pixel samples of a usual place. */
  ToDoubleFunction<Cell> effort = Cell::work;

  /** Whether agents answer when cells are stolen from them. */
  boolean answersSteals = true;

  private final ToldFarm told = new ToldFarm();
  private final Map<LeaseId, Set<Integer>> doneCells = new HashMap<>();
  private final List<LeaseId> forgotten = new ArrayList<>();
  private Duration up = Duration.ZERO;
  private int boots;
  private final Map<TaskName, SceneFacts> facts = new HashMap<>();
  private final Map<AgentName, BlenderVersion> versions = new HashMap<>();
  private final Map<AgentName, AgentMachine> machines = new HashMap<>();
  private final Map<AgentName, Double> workPerSecond = new HashMap<>();
  private final Map<TaskName, TaskSpec> specs = new HashMap<>();
  private final Map<TaskName, FramePlan> plans = new HashMap<>();
  private final Map<TaskName, List<Cell>> stored = new HashMap<>();
  private final Map<TaskName, TaskState> states = new HashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<Effect> history = new ArrayList<>();
  private int tasks;

  TestingFarm() {
    this(new LeaseId(1));
  }

  private TestingFarm(LeaseId firstLease) {
    farm = new Farm(firstLease, FarmRules.DEFAULT);
  }

  List<Effect> decide(FarmEvent event) {
    List<Effect> effects = farm.decide(event);
    history.addAll(effects);
    told.follow(farm);
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Keep(Lease lease, int _, Cell cell, int _) ->
            stored.computeIfAbsent(lease.task(), _ -> new ArrayList<>()).add(cell);
        case Effect.Forget(AgentName _, LeaseId lease) -> forgotten.add(lease);
        case Effect.Plan(TaskName task, FramePlan plan) -> plans.put(task, plan);
        case Effect.Enter(TaskName task, TaskState state, String _) -> states.put(task, state);
        case Effect.Note(TaskName _, String message) -> notes.add(message);
        case Effect.Grant _,
            Effect.Revoke _,
            Effect.Drop _,
            Effect.Assemble _,
            Effect.Steal _,
            Effect.SetAside _,
            Effect.GiveBack _ -> {}
      }
    }
    if (event instanceof FarmEvent.CellArrived arrived) {
      done(arrived.lease()).add(arrived.cell());
    }
    if (answersSteals) {
      steals(effects).forEach(this::giveBack);
    }
    return effects;
  }

  private Set<Integer> done(LeaseId lease) {
    return doneCells.computeIfAbsent(lease, _ -> new HashSet<>());
  }

  /** An agent gives back what it was asked for, but for the cell that it is at. */
  List<Effect> giveBack(Effect.Steal steal) {
    Set<Integer> given = new HashSet<>(steal.cells());
    given.removeAll(done(steal.lease()));
    firstWaiting(steal.agent().value())
        .filter(first -> first.lease().id().equals(steal.lease()))
        .ifPresent(first -> given.remove(first.number()));
    done(steal.lease()).addAll(given);
    return decide(
        new FarmEvent.CellsReturned(steal.agent(), steal.lease(), steal.attempt(), given));
  }

  private record Waiting(Lease lease, int number, Cell cell) {}

  private Optional<Waiting> firstWaiting(String agent) {
    return waiting(agent).stream().findFirst();
  }

  private List<Waiting> waiting(String agent) {
    List<Waiting> waiting = new ArrayList<>();
    for (Lease lease : leases(agent)) {
      List<Cell> cells = cells(lease);
      for (int number = 0; number < cells.size(); number++) {
        if (!done(lease.id()).contains(number)) {
          waiting.add(new Waiting(lease, number, cells.get(number)));
        }
      }
    }
    return waiting;
  }

  /**
   * What an agent is at.
   *
   * @param cell its number in the lease; 0 where the lease has none
   */
  record Job(LeaseId lease, int cell) {}

  /** What an agent is at, which is the first thing that it was given. */
  Optional<Job> job(String agent) {
    return leases(agent).stream()
        .findFirst()
        .map(lease ->
            new Job(
                lease.id(),
                firstWaiting(agent)
                    .filter(first -> first.lease().equals(lease))
                    .map(Waiting::number)
                    .orElse(0)));
  }

  /** What an agent says that it holds. */
  List<HeldLease> held(String agent) {
    return leases(agent).stream()
        .map(lease ->
            new HeldLease(
                lease.id(),
                lease.attempt(),
                waiting(agent).stream()
                    .filter(waiting -> waiting.lease().equals(lease))
                    .map(Waiting::number)
                    .collect(Collectors.toSet())))
        .toList();
  }

  List<LeaseId> forgotten() {
    return forgotten;
  }

  List<Effect> pass(Duration time) {
    up = up.plus(time);
    return decide(new FarmEvent.TimePassed(up));
  }

  List<Effect> join(String agent) {
    return join(agent, TestingScene.BLENDER, 1_000_000);
  }

  List<Effect> join(String agent, BlenderVersion version, double speed) {
    versions.put(new AgentName(agent), version);
    workPerSecond.put(new AgentName(agent), speed);
    return join(agent, new AgentMachine("boot-" + boots++, 1, 4 * GIB, false));
  }

  /** An agent of a certain size, that is as much faster than one with a single core. */
  List<Effect> join(String agent, int cores) {
    workPerSecond.put(new AgentName(agent), 1_000_000.0 * cores);
    return join(agent, new AgentMachine("boot-" + boots++, cores, 4 * GIB, false));
  }

  /** An agent of which only its memory matters. */
  List<Effect> joinWithMemory(String agent, int gib) {
    return join(agent, new AgentMachine("boot-" + boots++, 1, gib * GIB, false));
  }

  /** An agent for which somebody is paid. */
  List<Effect> joinRented(String agent) {
    return join(agent, new AgentMachine("boot-" + boots++, 1, 4 * GIB, true));
  }

  /** An agent joins that holds nothing. */
  List<Effect> join(String agent, AgentMachine machine) {
    return rejoin(agent, machine, List.of());
  }

  List<Effect> rejoin(String agent, AgentMachine machine, List<HeldLease> held) {
    AgentName name = new AgentName(agent);
    versions.putIfAbsent(name, TestingScene.BLENDER);
    workPerSecond.putIfAbsent(name, 1_000_000.0);
    machines.put(name, machine);
    return decide(new FarmEvent.AgentJoined(name, machine, held));
  }

  /** An agent that was away is back: the same process, with what it holds. */
  List<Effect> comeBack(String agent, List<HeldLease> held) {
    return rejoin(agent, known(machines, new AgentName(agent)), held);
  }

  List<Effect> leave(String agent) {
    return away(agent, Absence.LOST);
  }

  /** An agent does not answer until nothing is expected of it any more. */
  List<Effect> outstayItsSilence(String agent) {
    away(agent, Absence.SILENT);
    return pass(FarmRules.DEFAULT.silence());
  }

  List<Effect> away(String agent, Absence absence) {
    return decide(new FarmEvent.AgentAway(new AgentName(agent), absence, "connection lost"));
  }

  TaskName run(String task, SceneFacts scene) {
    return run(task, scene, Strategy.AUTO, 0);
  }

  TaskName run(String task, SceneFacts scene, Strategy strategy, int agentsLimit) {
    TaskName name = new TaskName(task);
    facts.put(name, scene);
    ready(TaskSpec.fresh(name, task, 1, strategy, agentsLimit, CREATED.plusSeconds(tasks++)));
    return name;
  }

  /** A task that has its place in the queue from the beginning. */
  TaskName run(String task, SceneFacts scene, int priority, boolean paused) {
    TaskName name = new TaskName(task);
    facts.put(name, scene);
    ready(
        TaskSpec.fresh(name, task, 1, Strategy.TILES, 0, CREATED.plusSeconds(tasks++))
            .placed(priority, paused));
    return name;
  }

  /** A frame of a project of which there are other frames. */
  TaskName runFrameOf(String project, int frame, SceneFacts scene) {
    TaskName name = new TaskName(project + "-" + frame);
    facts.put(name, scene);
    ready(TaskSpec.fresh(name, project, frame, Strategy.TILES, 0, CREATED.plusSeconds(tasks++)));
    return name;
  }

  /** How many rows each cell has of a frame that is leased by rows. */
  static final int ROWS = 30;

  /** Runs a task of which all cells are leased, to each agent as many, and each is at its first. */
  TaskName runLeased(String task, SceneFacts scene, String... agents) {
    TaskName name = new TaskName(task);
    facts.put(name, scene);
    FrameCut cut =
        new FrameCut(Strategy.TILES, scene.size(), scene.samples(), 0, 0, false, "as asked");
    plans.put(name, new FramePlan(cut, scene));
    int rows = scene.size().height() / agents.length;
    List<Lease> held = new ArrayList<>();
    for (String agent : agents) {
      List<Cell> cells = new ArrayList<>();
      for (int y = held.size() * rows; y < (held.size() + 1) * rows; y += ROWS) {
        cells.add(
            new Cell(
                new Tile(0, y, scene.size().width(), ROWS), new SampleRange(0, scene.samples())));
      }
      held.add(
          new Lease(
              new LeaseId(1_000 + held.size()),
              name,
              new AgentName(agent),
              1,
              new Lease.Render(cells, cut)));
    }
    ready(
        TaskSpec.fresh(name, task, 1, Strategy.TILES, 0, CREATED.plusSeconds(tasks++))
            .goingOn(Optional.of(new FramePlan(cut, scene)), List.of(), held));
    for (String agent : agents) {
      rejoin(agent, new AgentMachine("boot-" + boots++, 1, 4 * GIB, false), held(agent));
    }
    return name;
  }

  /** Runs a task again with what is stored of it. */
  List<Effect> runAgain(TaskName task) {
    return ready(
        known(specs, task).goingOn(Optional.ofNullable(plans.get(task)), stored(task), List.of()));
  }

  /** The Manager has been started anew: a farm that knows what the store has of a task. */
  TestingFarm restarted(TaskName task) {
    List<Lease> held =
        farm.liveLeases().stream()
            .filter(lease -> lease.task().equals(task) && lease.work() instanceof Lease.Render)
            .toList();
    TestingFarm next = new TestingFarm(farm.nextLease());
    next.facts.putAll(facts);
    next.versions.putAll(versions);
    next.workPerSecond.putAll(workPerSecond);
    next.machines.putAll(machines);
    next.doneCells.putAll(doneCells);
    next.plans.putAll(plans);
    next.stored.putAll(stored);
    next.ready(
        known(specs, task).goingOn(Optional.ofNullable(plans.get(task)), stored(task), held));
    return next;
  }

  List<Effect> ready(TaskSpec spec) {
    specs.put(spec.name(), spec);
    states.put(spec.name(), TaskState.PENDING);
    return decide(new FarmEvent.TaskReady(spec));
  }

  List<Lease> leases(String agent) {
    return farm.liveLeases().stream().filter(lease -> lease.agent().value().equals(agent)).toList();
  }

  /** The cells that an agent has and that have not come, in its order. */
  List<Cell> cells(String agent) {
    return waiting(agent).stream().map(Waiting::cell).toList();
  }

  /** Pixel samples of cells. */
  static long work(List<Cell> cells) {
    return cells.stream().mapToLong(Cell::work).sum();
  }

  /** What agents were asked to give back. */
  static List<Effect.Steal> steals(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Steal.class::isInstance)
        .map(Effect.Steal.class::cast)
        .toList();
  }

  static List<Cell> cells(Lease lease) {
    return switch (lease.work()) {
      case Lease.Render(List<Cell> cells, FrameCut _) -> cells;
      case Lease.Open _, Lease.Compose _ -> List.of();
    };
  }

  /** An agent gets so far that it is given several cells at a time. */
  void settle(String agent) {
    for (int i = 0; i < 8; i++) {
      work(agent);
    }
  }

  /** The first lease of an agent. */
  Lease lease(String agent) {
    return leases(agent).stream()
        .findFirst()
        .orElseThrow(() -> new AssertionError("Agent %s has no lease".formatted(agent)));
  }

  /** What an agent would report when the first of its leases is done. */
  FarmEvent result(String agent) {
    Lease lease = lease(agent);
    return switch (lease.work()) {
      case Lease.Open _ ->
          new FarmEvent.SceneOpened(
              lease.agent(),
              lease.id(),
              lease.attempt(),
              TestingScene.openedBy(known(versions, lease.agent()), known(facts, lease.task())));
      case Lease.Render _ -> cellResult(agent, CellLooks.FINE);
      case Lease.Compose _ ->
          new FarmEvent.PictureArrived(lease.agent(), lease.id(), lease.attempt());
    };
  }

  /** What an agent would report when the cell is done that it is at. */
  FarmEvent cellResult(String agent, CellLooks looks) {
    Waiting first =
        firstWaiting(agent)
            .orElseThrow(() -> new AssertionError("Agent %s has no cell".formatted(agent)));
    return new FarmEvent.CellArrived(
        first.lease().agent(),
        first.lease().id(),
        first.lease().attempt(),
        first.number(),
        timings(seconds(first)),
        looks);
  }

  private double seconds(Waiting cell) {
    return effort.applyAsDouble(cell.cell()) / known(workPerSecond, cell.lease().agent());
  }

  /** How long the cell takes that an agent is at. */
  double secondsOfCell(String agent) {
    return seconds(firstWaiting(agent).orElseThrow()) + SAVE.toMillis() / 1000.0;
  }

  static CellTimings timings(double seconds) {
    Duration render = Duration.ofNanos((long) (seconds * 1e9));
    return new CellTimings(Duration.ZERO, render, SAVE, Duration.ZERO);
  }

  /** An agent does the first of its leases. */
  List<Effect> work(String agent) {
    return decide(result(agent));
  }

  List<Effect> fail(String agent, FailureKind kind, String message, String... lines) {
    Lease lease = lease(agent);
    return decide(
        new FarmEvent.LeaseFailed(
            lease.agent(), lease.id(), lease.attempt(), kind, message, List.of(lines)));
  }

  List<Effect> assembled(TaskName task) {
    return decide(new FarmEvent.FrameAssembled(task));
  }

  /** Agents take turns until the frame is to be assembled. */
  void renderAll(TaskName task, String... agents) {
    for (int round = 0; !isAssembling(task); round++) {
      if (round == 100_000) {
        throw new AssertionError("%s does not get done".formatted(task));
      }
      for (String agent : agents) {
        if (!leases(agent).isEmpty() && !isAssembling(task)) {
          work(agent);
        }
      }
    }
  }

  boolean isAssembling(TaskName task) {
    return history.stream().filter(effect -> effect.equals(new Effect.Assemble(task))).count() > 0;
  }

  /** Forgets that a task was to be assembled. */
  void forgetAssembly(TaskName task) {
    history.removeIf(effect -> effect.equals(new Effect.Assemble(task)));
  }

  List<Cell> stored(TaskName task) {
    return List.copyOf(stored.getOrDefault(task, List.of()));
  }

  void forgetStored(TaskName task, List<Cell> cells) {
    known(stored, task).removeAll(cells);
  }

  /** Fails unless the stored cells are the whole frame, and no part of it twice. */
  void requireRenderedOnce(TaskName task) {
    SceneFacts scene = known(plans, task).facts();
    List<Cell> cells = stored(task);
    assertThat(work(cells)).isEqualTo(scene.size().area() * scene.samples());
    for (Cell one : cells) {
      assertThat(cells)
          .filteredOn(
              other -> one.tile().overlaps(other.tile()) && one.samples().overlaps(other.samples()))
          .containsExactly(one);
    }
  }

  TaskState state(TaskName task) {
    return known(states, task);
  }

  TaskView view(TaskName task) {
    return farm.taskViews().stream()
        .filter(view -> view.name().equals(task))
        .findFirst()
        .orElseThrow(() -> new AssertionError("%s is not active".formatted(task)));
  }

  Ledger ledger(TaskName task) {
    return farm.ledger(task).orElseThrow();
  }

  private static <K, V> V known(Map<K, V> map, K key) {
    return Optional.ofNullable(map.get(key))
        .orElseThrow(() -> new AssertionError("Nothing is known of " + key));
  }

  List<String> notes() {
    return notes;
  }

  /** The farm as others see it. */
  List<Object> picture() {
    return List.of(farm.taskViews(), farm.agentViews(), farm.liveLeases(), farm.nextLease());
  }
}
