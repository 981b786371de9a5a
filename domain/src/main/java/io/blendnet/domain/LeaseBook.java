package io.blendnet.domain;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Leases as they are given, end, run out and are taken over. */
final class LeaseBook {
  private final Map<AgentName, AgentWork> agents;
  private final TaskBoard board;
  private final Decision decision;
  private long next;

  LeaseBook(
      Map<AgentName, AgentWork> agents, TaskBoard board, Decision decision, LeaseId firstLease) {
    this.agents = agents;
    this.board = board;
    this.decision = decision;
    this.next = firstLease.value();
  }

  LeaseId next() {
    return new LeaseId(next);
  }

  Optional<LiveLease> live(AgentName name, LeaseId id, int attempt) {
    return Optional.ofNullable(agents.get(name))
        .map(agent -> agent.leases.get(id))
        .filter(live -> live.lease.attempt() == attempt);
  }

  Optional<LiveLease> lapsed(AgentName name, LeaseId id, int attempt) {
    return Optional.ofNullable(agents.get(name))
        .map(agent -> agent.lapsed.get(id))
        .filter(lapsed -> lapsed.lease.attempt() == attempt);
  }

  /** Gives a lease; the task must be running. */
  void grant(AgentWork agent, TaskWork task, int attempt, Lease.Work work) {
    Lease lease = new Lease(new LeaseId(next++), task.spec.name(), agent.name, attempt, work);
    LiveLease live = new LiveLease(lease, task);
    if (agent.leases.isEmpty()) {
      agent.latestProgress = decision.now;
    }
    agent.leases.put(lease.id(), live);
    task.leaseBegins(live);
    board.update(task);
    decision.touched.add(task);
    decision.changed(agent);
    decision.add(new Effect.Grant(lease));
  }

  /**
   * Takes over a lease that was given before the Manager ended. Its agent may still render it; what
   * of it is stored is known, and what another lease has since got is not its own any more.
   */
  void takeOver(TaskWork task, Lease lease) {
    AgentWork agent =
        agents.computeIfAbsent(lease.agent(), name -> AgentWork.notYetBack(name, decision.now));
    Set<Integer> left = new HashSet<>();
    if (agent.presence == AgentWork.Presence.SILENT) {
      Ledger ledger = task.ledger.orElseThrow();
      List<Cell> cells = ((Lease.Render) lease.work()).cells();
      for (int number = 0; number < cells.size(); number++) {
        if (ledger.leaseAgain(cells.get(number))) {
          left.add(number);
        }
      }
    }
    if (left.isEmpty()) {
      tellRevoked(lease);
      forget(lease);
      return;
    }
    LiveLease live = new LiveLease(lease, task, left);
    agent.leases.put(lease.id(), live);
    task.leaseBegins(live);
    task.opened.add(agent.name);
    decision.agentsChanged = true;
    decision.changed(agent);
  }

  /** A lease is over. Cells of it that have not come are open again. */
  void end(LiveLease live) {
    AgentWork agent = remove(live);
    decision.freed.add(agent);
    if (!live.waiting.isEmpty()) {
      live.task.release(live.takeAll());
      decision.opened.add(live.task);
    }
    closeBook(live);
  }

  /** A lease is over, and whoever held it is to know. */
  void revoke(LiveLease live) {
    end(live);
    tellRevoked(live.lease);
  }

  private void tellRevoked(Lease lease) {
    decision.add(new Effect.Revoke(lease.agent(), lease.id(), lease.attempt()));
  }

  /** Takes all leases of a task from an agent. */
  void revokeAll(TaskWork task, AgentName name) {
    AgentWork agent = agents.get(name);
    if (agent == null) {
      return;
    }
    for (LiveLease live : List.copyOf(agent.leases.values())) {
      if (live.task == task) {
        revoke(live);
      }
    }
  }

  /** Rendering the first cell of a lease has ended without a result; the others are merely open. */
  void lose(LiveLease live) {
    boolean isFirst = agent(live).firstLease().filter(live::equals).isPresent();
    if (isFirst && !live.waiting.isEmpty()) {
      live.take(live.waiting.firstKey()).ifPresent(live.task::lose);
      decision.opened.add(live.task);
      decision.changed(agent(live));
    }
  }

  /** The holder has answered, or cannot any more: whoever waited for it may look elsewhere. */
  void endSteal(LiveLease live) {
    live.thief.ifPresent(thief -> {
      thief.steals = false;
      decision.freed.add(thief);
    });
    live.thief = Optional.empty();
  }

  /** Cells of a lease are given back. */
  void giveBack(LiveLease live, Set<Integer> numbers) {
    List<Cell> cells = live.take(numbers);
    if (cells.isEmpty()) {
      return;
    }
    live.task.release(cells);
    decision.opened.add(live.task);
    decision.touched.add(live.task);
    decision.changed(agent(live));
    endIfDone(live);
  }

  /** A lease with cells is over when none is awaited. */
  void endIfDone(LiveLease live) {
    if (live.renders() && live.waiting.isEmpty()) {
      end(live);
    }
  }

  /**
   * An agent's leases run out: their cells are open again, and what it finishes of them may still
   * be adopted where nobody else has it.
   *
   * @param adoptable whether it can still bring results
   */
  void lapse(AgentWork agent, String reason, boolean adoptable) {
    Map<TaskWork, StringBuilder> losses = new LinkedHashMap<>();
    boolean isFirst = true;
    for (LiveLease live : List.copyOf(agent.leases.values())) {
      StringBuilder loss = losses.computeIfAbsent(live.task, _ -> new StringBuilder());
      live.waiting.values().forEach(cell -> loss.append(", ").append(cell));
      remove(live);
      Set<Integer> left = Set.copyOf(live.waiting.keySet());
      openAgain(live, isFirst && live.renders() && live.task.countsLoss(decision.now));
      isFirst = false;
      if (adoptable && !left.isEmpty()) {
        agent.lapsed.put(live.lease.id(), new LiveLease(live.lease, live.task, left));
        live.task.lapsedAt.add(agent.name);
      } else {
        forget(live.lease);
      }
    }
    losses.forEach((task, cells) -> decision.note(task, lossOf(agent.name, reason, cells)));
    if (!adoptable) {
      List.copyOf(agent.lapsed.values()).forEach(this::forgetLapsed);
    }
  }

  private void openAgain(LiveLease live, boolean isLoss) {
    List<Cell> cells = live.takeAll();
    decision.touched.add(live.task);
    decision.opened.add(live.task);
    if (cells.isEmpty()) {
      return;
    }
    if (isLoss) {
      live.task.lose(cells.getFirst());
      live.task.release(cells.subList(1, cells.size()));
    } else {
      live.task.release(cells);
    }
  }

  private static String lossOf(AgentName name, String reason, StringBuilder cells) {
    String loss = "Agent %s left: %s".formatted(name, reason);
    return cells.isEmpty() ? loss : loss + "; open again: " + cells.substring(2);
  }

  /** An agent is back: what it holds of its leases goes on, the rest is open again. */
  void compare(AgentWork agent, List<HeldLease> held) {
    Map<LeaseId, HeldLease> still =
        held.stream()
            .collect(
                Collectors.toMap(
                    HeldLease::lease, lease -> lease, (one, _) -> one, LinkedHashMap::new));
    for (LiveLease live : List.copyOf(agent.leases.values())) {
      endSteal(live);
      Optional<HeldLease> known = taken(still, live);
      if (known.isEmpty()) {
        // The order may be under way still.
        revoke(live);
      } else if (live.renders()) {
        giveBack(live, missing(live, known.get()));
      }
    }
    for (LiveLease lapsed : List.copyOf(agent.lapsed.values())) {
      Optional<HeldLease> known = taken(still, lapsed);
      lapsed.take(known.map(lease -> missing(lapsed, lease)).orElse(lapsed.waiting.keySet()));
      if (lapsed.waiting.isEmpty()) {
        forgetLapsed(lapsed);
      } else {
        // What it has not begun it need not begin: somebody else may have it.
        decision.add(
            new Effect.Steal(
                agent.name, lapsed.lease.id(), lapsed.lease.attempt(), lapsed.waiting.keySet()));
      }
    }
    for (HeldLease unknown : still.values()) {
      decision.add(new Effect.Revoke(agent.name, unknown.lease(), unknown.attempt()));
    }
  }

  private static Optional<HeldLease> taken(Map<LeaseId, HeldLease> held, LiveLease live) {
    Optional<HeldLease> known =
        Optional.ofNullable(held.get(live.lease.id()))
            .filter(lease -> lease.attempt() == live.lease.attempt());
    known.ifPresent(lease -> held.remove(lease.lease()));
    return known;
  }

  private static Set<Integer> missing(LiveLease live, HeldLease held) {
    return live.waiting.keySet().stream()
        .filter(number -> !held.cells().contains(number))
        .collect(Collectors.toSet());
  }

  /** Nothing of a lapsed lease can come any more. */
  void forgetLapsed(LiveLease lapsed) {
    AgentWork agent = agent(lapsed);
    agent.lapsed.remove(lapsed.lease.id());
    if (agent.lapsed.values().stream().noneMatch(other -> other.task == lapsed.task)) {
      lapsed.task.lapsedAt.remove(agent.name);
    }
    forget(lapsed.lease);
  }

  private void forget(Lease lease) {
    if (lease.work() instanceof Lease.Render) {
      decision.add(new Effect.Forget(lease.agent(), lease.id()));
    }
  }

  private AgentWork remove(LiveLease live) {
    AgentWork agent = agent(live);
    endSteal(live);
    if (agent.firstLease().filter(live::equals).isPresent()) {
      // It begins the next one, or is idle, from now on.
      agent.latestProgress = decision.now;
    }
    agent.leases.remove(live.lease.id());
    live.task.leaseEnds(live);
    decision.changed(agent);
    return agent;
  }

  private void closeBook(LiveLease live) {
    TaskWork task = live.task;
    // A place below the agents limit, or among those that may open it, is work for others too.
    if ((task.spec.agentsLimit() > 0 && !task.liveLeases.containsKey(live.lease.agent()))
        || task.openingsLost > 0) {
      decision.opened.add(task);
    }
    decision.touched.add(task);
    board.update(task);
    forget(live.lease);
  }

  private AgentWork agent(LiveLease live) {
    AgentWork agent = agents.get(live.lease.agent());
    if (agent == null) {
      throw new IllegalStateException("A lease of no agent: " + live.lease);
    }
    return agent;
  }
}
