package io.blendnet.domain;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * An agent's process with what the Manager's line to it has under way: orders, which arrive in the
 * order in which they were decided, and reports, which mostly do.
 */
final class SimulatedAgent {
  /** What of a lease an agent has. */
  private static final class Held {
    final Lease lease;

    /** Cells that it has not begun. */
    final NavigableSet<Integer> toDo = new TreeSet<>();

    /** Finished cells that the Manager has not fetched. */
    final NavigableSet<Integer> shelf = new TreeSet<>();

    /** Cells that it gave back. */
    final Set<Integer> returned = new TreeSet<>();

    Held(Lease lease) {
      this.lease = lease;
      for (int number = 0; number < BookedLease.cells(lease).size(); number++) {
        toDo.add(number);
      }
    }
  }

  /** What is being done: a cell by its number, or number 0 of a lease without cells. */
  private record Doing(Held held, int number) {}

  /** What an agent's work comes to. */
  sealed interface Outcome {
    record Report(FarmEvent event) implements Outcome {}

    /** The process is gone. */
    record Death() implements Outcome {}

    record Nothing() implements Outcome {}
  }

  final AgentName name;
  final AgentMachine machine;
  final BlenderVersion blender;

  /** Share of its leases that fail at once, 0 to 1. */
  final double failing;

  /** What its cells look like whatever they show. */
  CellLooks looks;

  /** Whether the Manager has been told that it is there. */
  boolean isJoined;

  boolean isDead;
  boolean isTerminating;
  final Deque<Effect> orders = new ArrayDeque<>();

  /** Reports and answers that the Manager has not read. */
  final List<FarmEvent> reports = new ArrayList<>();

  /** Reports that got lost on the way, and come again when the Manager joins the agent anew. */
  private final List<FarmEvent> unread = new ArrayList<>();

  private final double workPerSecond;
  private final Map<LeaseId, Held> held = new LinkedHashMap<>();
  private Optional<Doing> doing = Optional.empty();

  SimulatedAgent(
      AgentName name,
      AgentMachine machine,
      BlenderVersion blender,
      double workPerSecond,
      double failing,
      CellLooks looks) {
    this.name = name;
    this.machine = machine;
    this.blender = blender;
    this.workPerSecond = workPerSecond;
    this.failing = failing;
    this.looks = looks;
  }

  /** What it says that it holds. */
  List<HeldLease> held() {
    List<HeldLease> all = new ArrayList<>();
    for (Held known : held.values()) {
      Set<Integer> cells = new TreeSet<>(known.toDo);
      cells.addAll(known.shelf);
      doing
          .filter(now -> now.held == known && isOfCells(known.lease))
          .ifPresent(now -> cells.add(now.number));
      all.add(new HeldLease(known.lease.id(), known.lease.attempt(), cells));
    }
    return all;
  }

  private static boolean isOfCells(Lease lease) {
    return lease.work() instanceof Lease.Render;
  }

  boolean hasWork() {
    return !isDead && (doing.isPresent() || next().isPresent());
  }

  private Optional<Held> next() {
    if (isTerminating) {
      return Optional.empty();
    }
    for (Held known : held.values()) {
      if (!known.toDo.isEmpty() || !isOfCells(known.lease)) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }

  /** Whether nothing keeps it that is about to end. */
  boolean isDone() {
    return isTerminating && doing.isEmpty() && reports.isEmpty();
  }

  /** Its process ends; what is on its way to the Manager still arrives. */
  void die() {
    isDead = true;
    held.clear();
    orders.clear();
    unread.clear();
    doing = Optional.empty();
  }

  /** The Manager joins it: lost reports come again. */
  void joined() {
    isJoined = true;
    reports.addAll(unread);
    unread.clear();
  }

  /** A report was not read. */
  void lost(FarmEvent report) {
    if (!(report instanceof FarmEvent.CellsReturned) || isTerminating) {
      unread.add(report);
    }
  }

  /** The line to it brings the oldest order. */
  void receive() {
    switch (orders.removeFirst()) {
      case Effect.Grant(Lease lease) -> take(lease);
      case Effect.Revoke(AgentName _, LeaseId id, int attempt) ->
          held(id, attempt).ifPresent(this::drop);
      case Effect.Steal steal -> giveBack(steal);
      case Effect.GiveBack _ -> terminate();
      case Effect.Forget _,
          Effect.Plan _,
          Effect.Keep _,
          Effect.Drop _,
          Effect.Assemble _,
          Effect.Enter _,
          Effect.Note _,
          Effect.SetAside _ ->
          throw new AssertionError("That is no order to an agent");
    }
  }

  private void take(Lease lease) {
    if (isTerminating) {
      reports.add(failure(lease, FailureKind.LINK, "it is about to end"));
    } else {
      held.putIfAbsent(lease.id(), new Held(lease));
    }
  }

  private Optional<Held> held(LeaseId id, int attempt) {
    return Optional.ofNullable(held.get(id)).filter(known -> known.lease.attempt() == attempt);
  }

  private void drop(Held known) {
    held.remove(known.lease.id());
    doing = doing.filter(now -> now.held != known);
  }

  private void giveBack(Effect.Steal steal) {
    Optional<Held> known = held(steal.lease(), steal.attempt());
    Set<Integer> cells = new TreeSet<>(steal.cells());
    if (known.isPresent()) {
      known.get().returned.addAll(cells.stream().filter(known.get().toDo::remove).toList());
      cells.retainAll(known.get().returned);
      dropIfDone(known.get());
    } else {
      // The Manager's line takes "no such lease" for such an answer.
      cells.clear();
    }
    reports.add(new FarmEvent.CellsReturned(name, steal.lease(), steal.attempt(), cells));
  }

  /** It hears that its machine is about to end. */
  void terminate() {
    if (isTerminating || isDead) {
      return;
    }
    isTerminating = true;
    reports.add(new FarmEvent.AgentTerminating(name, "the machine is taken back"));
    for (Held known : List.copyOf(held.values())) {
      boolean isBegun = doing.filter(now -> now.held == known).isPresent();
      if (!known.toDo.isEmpty() || (!isOfCells(known.lease) && !isBegun)) {
        reports.add(
            new FarmEvent.CellsReturned(
                name, known.lease.id(), known.lease.attempt(), Set.copyOf(known.toDo)));
        known.toDo.clear();
        dropIfDone(known);
      }
    }
  }

  /**
   * It gets done with what it is doing, and begins what comes next.
   *
   * @param tasks by their names
   * @param fails whether the step fails, by this agent's fault
   */
  Outcome work(Function<TaskName, SimulatedTask> tasks, Optional<FailureKind> fails) {
    Outcome outcome = new Outcome.Nothing();
    if (doing.isPresent()) {
      Doing done = doing.get();
      doing = Optional.empty();
      outcome = finish(done, tasks.apply(done.held.lease.task()), fails);
      if (outcome instanceof Outcome.Report(FarmEvent report)) {
        reports.add(report);
      }
    }
    if (!isDead && doing.isEmpty()) {
      next().ifPresent(this::begin);
    }
    return outcome;
  }

  private void begin(Held known) {
    doing = Optional.of(new Doing(known, isOfCells(known.lease) ? known.toDo.removeFirst() : 0));
  }

  private Outcome finish(Doing done, SimulatedTask task, Optional<FailureKind> fails) {
    Lease lease = done.held.lease;
    if (fails.isPresent()) {
      return fail(done, fails.get(), "something broke");
    }
    return switch (lease.work()) {
      case Lease.Open _ ->
          switch (task.ailment) {
            case CANNOT_BE_OPENED -> fail(done, FailureKind.SCENE, "it has no camera");
            case KILLS_AGENTS_THAT_OPEN_IT -> new Outcome.Death();
            case NEEDS_MEMORY -> isLargeEnough() ? opened(done, task) : outOfMemory(done);
            case NONE,
                HAS_A_CELL_THAT_CRASHES_BLENDER,
                HAS_A_CELL_THAT_KILLS_AGENTS,
                CANNOT_BE_COMPOSED,
                HAS_A_BLACK_HALF ->
                opened(done, task);
          };
      case Lease.Render(List<Cell> cells, FrameCut _) -> {
        Cell cell = cells.get(done.number);
        if (task.isIllAt(cell)
            && task.ailment == SimulatedTask.Ailment.HAS_A_CELL_THAT_CRASHES_BLENDER) {
          yield fail(done, FailureKind.BLENDER, "Blender crashed");
        }
        if (task.isIllAt(cell)
            && task.ailment == SimulatedTask.Ailment.HAS_A_CELL_THAT_KILLS_AGENTS) {
          yield new Outcome.Death();
        }
        yield rendered(done, cell, task);
      }
      case Lease.Compose _ -> {
        if (task.ailment == SimulatedTask.Ailment.CANNOT_BE_COMPOSED) {
          yield fail(done, FailureKind.BLENDER, "it cannot be composed");
        }
        held.remove(lease.id());
        yield new Outcome.Report(new FarmEvent.PictureArrived(name, lease.id(), lease.attempt()));
      }
    };
  }

  private boolean isLargeEnough() {
    return machine.memory() == 0 || machine.memory() >= SimulatedTask.MEMORY_NEEDED;
  }

  private Outcome outOfMemory(Doing done) {
    return fail(done, FailureKind.MEMORY, "out of memory");
  }

  private Outcome opened(Doing done, SimulatedTask task) {
    Lease lease = done.held.lease;
    held.remove(lease.id());
    return new Outcome.Report(
        new FarmEvent.SceneOpened(
            name, lease.id(), lease.attempt(), TestingScene.openedBy(blender, task.facts)));
  }

  private Outcome rendered(Doing done, Cell cell, SimulatedTask task) {
    Lease lease = done.held.lease;
    done.held.shelf.add(done.number);
    Duration render = Duration.ofNanos((long) (cell.work() / workPerSecond * 1e9));
    return new Outcome.Report(
        new FarmEvent.CellArrived(
            name,
            lease.id(),
            lease.attempt(),
            done.number,
            new CellTimings(Duration.ofMillis(10), render, Duration.ofMillis(20), Duration.ZERO),
            looks == CellLooks.FINE ? task.looks(cell) : looks));
  }

  private Outcome fail(Doing done, FailureKind kind, String message) {
    Held known = done.held;
    known.toDo.clear();
    if (known.shelf.isEmpty()) {
      held.remove(known.lease.id());
    }
    return new Outcome.Report(failure(known.lease, kind, message));
  }

  private FarmEvent failure(Lease lease, FailureKind kind, String message) {
    return new FarmEvent.LeaseFailed(
        name, lease.id(), lease.attempt(), kind, message, List.of("Error: " + message));
  }

  /** The Manager has what a report told of, and lets the agent know. */
  void read(FarmEvent report) {
    if (report instanceof FarmEvent.CellArrived arrived) {
      held(arrived.lease(), arrived.attempt())
          .ifPresent(known -> {
            known.shelf.remove(arrived.cell());
            dropIfDone(known);
          });
    }
  }

  private void dropIfDone(Held known) {
    boolean isBusy = doing.filter(now -> now.held == known).isPresent();
    if (known.toDo.isEmpty() && known.shelf.isEmpty() && !isBusy) {
      held.remove(known.lease.id());
    }
  }
}
