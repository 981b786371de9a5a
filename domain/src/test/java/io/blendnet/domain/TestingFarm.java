package io.blendnet.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A farm whose agents do what they are told, one step when the test says so. It keeps the stored
 * cells of each task as the Manager's store would.
 */
final class TestingFarm {
  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration SAVE = Duration.ofMillis(60);

  final Farm farm = new Farm(new LeaseId(1));
  private final Map<TaskName, SceneFacts> facts = new HashMap<>();
  private final Map<AgentName, BlenderVersion> versions = new HashMap<>();
  private final Map<AgentName, Double> workPerSecond = new HashMap<>();
  private final Map<TaskName, TaskSpec> specs = new HashMap<>();
  private final Map<TaskName, FramePlan> plans = new HashMap<>();
  private final Map<TaskName, List<Cell>> stored = new HashMap<>();
  private final Map<TaskName, TaskState> states = new HashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<Effect> history = new ArrayList<>();
  private int tasks;

  List<Effect> decide(FarmEvent event) {
    List<Effect> effects = farm.decide(event);
    history.addAll(effects);
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Keep(Lease lease, int _, Cell cell) ->
            stored.computeIfAbsent(lease.task(), _ -> new ArrayList<>()).add(cell);
        case Effect.Plan(TaskName task, FramePlan plan) -> plans.put(task, plan);
        case Effect.Enter(TaskName task, TaskState state, String _) -> states.put(task, state);
        case Effect.Note(TaskName _, String message) -> notes.add(message);
        case Effect.Grant _, Effect.Revoke _, Effect.Drop _, Effect.Assemble _ -> {}
      }
    }
    return effects;
  }

  List<Effect> join(String agent) {
    return join(agent, TestingScene.BLENDER, 1_000_000);
  }

  List<Effect> join(String agent, BlenderVersion version, double speed) {
    versions.put(new AgentName(agent), version);
    workPerSecond.put(new AgentName(agent), speed);
    return decide(new FarmEvent.AgentJoined(new AgentName(agent), 1));
  }

  List<Effect> leave(String agent) {
    return decide(new FarmEvent.AgentLeft(new AgentName(agent), "connection lost"));
  }

  TaskName run(String task, SceneFacts scene) {
    return run(task, scene, Strategy.AUTO, 0);
  }

  TaskName run(String task, SceneFacts scene, Strategy strategy, int agentsLimit) {
    TaskName name = new TaskName(task);
    facts.put(name, scene);
    ready(
        new TaskSpec(
            name,
            task,
            1,
            strategy,
            agentsLimit,
            CREATED.plusSeconds(tasks++),
            Optional.empty(),
            List.of()));
    return name;
  }

  /** Runs a task again with what is stored of it. */
  List<Effect> runAgain(TaskName task) {
    TaskSpec old = known(specs, task);
    return ready(
        new TaskSpec(
            task,
            old.scene(),
            old.frame(),
            old.strategy(),
            old.agentsLimit(),
            old.created(),
            Optional.ofNullable(plans.get(task)),
            stored(task)));
  }

  private List<Effect> ready(TaskSpec spec) {
    specs.put(spec.name(), spec);
    states.put(spec.name(), TaskState.PENDING);
    return decide(new FarmEvent.TaskReady(spec));
  }

  List<Lease> leases(String agent) {
    return farm.liveLeases().stream().filter(lease -> lease.agent().value().equals(agent)).toList();
  }

  List<Cell> cells(String agent) {
    return leases(agent).stream().flatMap(lease -> cells(lease).stream()).toList();
  }

  static List<Cell> cells(Lease lease) {
    return switch (lease.work()) {
      case Lease.Render(List<Cell> cells, FrameCut _) -> cells;
      case Lease.Open _, Lease.Compose _ -> List.of();
    };
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
      case Lease.Render(List<Cell> cells, FrameCut _) ->
          new FarmEvent.CellArrived(
              lease.agent(),
              lease.id(),
              lease.attempt(),
              0,
              timings(cells.getFirst().work() / known(workPerSecond, lease.agent())));
      case Lease.Compose _ ->
          new FarmEvent.PictureArrived(lease.agent(), lease.id(), lease.attempt());
    };
  }

  static CellTimings timings(double seconds) {
    Duration render = Duration.ofNanos((long) (seconds * 1e9));
    return new CellTimings(Duration.ZERO, render, SAVE, Duration.ZERO);
  }

  /** An agent does the first of its leases. */
  List<Effect> work(String agent) {
    return decide(result(agent));
  }

  List<Effect> fail(String agent, FailureKind kind, String message) {
    Lease lease = lease(agent);
    return decide(
        new FarmEvent.LeaseFailed(lease.agent(), lease.id(), lease.attempt(), kind, message));
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
