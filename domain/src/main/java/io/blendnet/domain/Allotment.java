package io.blendnet.domain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Gives agents something to do: who works on what, and how much of it at a time. */
final class Allotment {
  /** One cell in progress and one to begin at once, at least. */
  private static final int FEWEST_CELLS_AHEAD = 2;

  /** Cells of one lease; more make the order long and tell nothing new. */
  private static final int MOST_CELLS_IN_LEASE = 100;

  private static final int FAILED_TASKS_UNTIL_SET_ASIDE = 2;

  /**
   * So many idle agents look for something to steal when work opens, and each second; then it is
   * the next ones' turn. Each steal that is answered opens work, so that soon all have looked.
   */
  private static final int STEALERS_AT_A_TIME = 16;

  private final Map<AgentName, AgentWork> agents;
  private final TaskBoard board;
  private final LeaseBook leases;
  private final Decision decision;
  private final Pace pace;
  private final Steals steals;
  private final FarmRules rules;

  /**
   * Agents that could take more but found nothing, when last looked at; whoever looked the longest
   * ago first. They look again when work opens that they may do, so that a decision does not cost
   * more with every agent.
   */
  private final Set<AgentWork> idle = new LinkedHashSet<>();

  Allotment(
      Map<AgentName, AgentWork> agents,
      TaskBoard board,
      LeaseBook leases,
      Decision decision,
      Pace pace,
      FarmRules rules) {
    this.agents = agents;
    this.board = board;
    this.leases = leases;
    this.decision = decision;
    this.pace = pace;
    this.steals = new Steals(agents, decision, pace);
    this.rules = rules;
  }

  /** An agent is not to be given anything any more. */
  void leaveOut(AgentWork agent) {
    idle.remove(agent);
  }

  /** Lets idle agents look again, in turns, for holders that turned out to be slow. */
  void lookAgain() {
    if (!board.closing().isEmpty()) {
      decision.freed.addAll(nextStealers());
    }
  }

  private List<AgentWork> nextStealers() {
    return idle.stream().filter(agent -> !agent.steals).limit(STEALERS_AT_A_TIME).toList();
  }

  /** Whether an agent other than this one has nothing to do and could work on a task. */
  boolean othersIdle(AgentWork agent, TaskWork task) {
    for (AgentWork other : idle) {
      if (other != agent && other.leases.isEmpty() && mayWorkOn(task, other)) {
        return true;
      }
    }
    return false;
  }

  /** Gives every agent that can take more something to do. */
  void feed() {
    // First whoever has the scene open, or has stolen what is open now.
    decision.freed.removeAll(decision.late);
    decision.freed.forEach(this::feedIfThere);
    if (isAnythingOffered()) {
      offerToIdle();
    }
    decision.late.forEach(this::feedIfThere);
    if (!decision.opened.isEmpty() && !board.closing().isEmpty()) {
      nextStealers().forEach(this::feed);
    }
    steals.weigh();
  }

  private void feedIfThere(AgentWork agent) {
    if (agents.get(agent.name) == agent) {
      feed(agent);
    }
  }

  private boolean isAnythingOffered() {
    return decision.opened.stream().anyMatch(task -> task.place.isPresent());
  }

  private void offerToIdle() {
    for (AgentWork agent : List.copyOf(idle)) {
      if (!isAnythingOffered()) {
        return;
      }
      if (decision.opened.stream()
          .anyMatch(task -> task.place.isPresent() && mayWorkOn(task, agent))) {
        feed(agent);
      }
    }
  }

  private void feed(AgentWork agent) {
    idle.remove(agent);
    setAsideForAll(agent);
    while (agent.isUsable() && takesMore(agent)) {
      Optional<TaskWork> task =
          board.isEmpty()
              ? Optional.empty()
              : board.choose(agent, candidate -> mayWorkOn(candidate, agent));
      if (task.isPresent()) {
        grantWork(agent, task.get());
      } else if (!steal(agent)) {
        idle.add(agent);
        return;
      }
    }
  }

  /** Where others succeed at several tasks in a row that an agent failed at, it is out of order. */
  private void setAsideForAll(AgentWork agent) {
    long failed =
        agent.failedAt.entrySet().stream()
            .filter(at -> at.getKey().othersSucceeded(agent.name, at.getValue()))
            .count();
    if (agent.setAside.isEmpty() && failed >= FAILED_TASKS_UNTIL_SET_ASIDE) {
      String reason =
          "it failed at %d tasks in a row that others succeed at; start it anew to use it again"
              .formatted(failed);
      agent.setAside = Optional.of(reason);
      decision.agentsChanged = true;
      decision.changed(agent);
      decision.add(new Effect.SetAside(agent.name, reason));
    }
  }

  private boolean takesMore(AgentWork agent) {
    if (agent.opensOrComposes()) {
      return false;
    }
    if (agent.waitingCells() < FEWEST_CELLS_AHEAD) {
      return true;
    }
    // Half of what it should have is left: the next lease comes long before it runs dry.
    return agent
        .firstLease()
        .map(first -> first.task)
        .filter(TaskWork::hasOpenCells)
        .filter(task -> agent.waitingWork() < ahead(agent, task) / 2)
        .isPresent();
  }

  private long ahead(AgentWork agent, TaskWork task) {
    return pace.ahead(
        agent,
        task.spec.scene(),
        task.ledger.map(Ledger::openWork).orElse(0L),
        pace.share(agent, task),
        rules.ahead());
  }

  /** Whether an agent may be given something of a task. */
  boolean mayWorkOn(TaskWork task, AgentWork agent) {
    if (!agent.isUsable() || isLeftOutOf(task, agent) || task.doubts.isDoubted(agent.name)) {
      return false;
    }
    if (!task.opened.contains(agent.name) && !task.mayBeOpenedByOneMore()) {
      return false;
    }
    int limit = task.spec.agentsLimit();
    return limit == 0 || task.liveLeases.size() < limit || task.liveLeases.containsKey(agent.name);
  }

  /** Whether an agent gets no more of a task. */
  static boolean isLeftOutOf(TaskWork task, AgentWork agent) {
    return task.setAside.containsKey(agent.name) || isTooSmallFor(task, agent);
  }

  private static boolean isTooSmallFor(TaskWork task, AgentWork agent) {
    return task.isTooLittle(agent.machine.memory()) && !task.opened.contains(agent.name);
  }

  private void grantWork(AgentWork agent, TaskWork task) {
    if (!task.opened.contains(agent.name)) {
      grant(agent, task, 1, new Lease.Open());
      return;
    }
    Ledger ledger = task.ledger.orElseThrow();
    FrameCut cut = task.plan.orElseThrow().cut();
    long missing = ahead(agent, task) - agent.waitingWork();
    List<Cell> cells = new ArrayList<>();
    int attempt = 1;
    do {
      long wanted =
          pace.nextCell(agent, task.spec.scene(), cut, ledger.openWork(), pace.share(agent, task));
      Cell cell =
          cut.leaseNext(ledger, wanted)
              .orElseThrow(() -> new IllegalStateException("No open cell in " + task.spec.name()));
      cells.add(cell);
      attempt = Math.max(attempt, ledger.attempts(cell));
      missing -= cell.work();
    } while (missing > 0 && ledger.openWork() > 0 && cells.size() < MOST_CELLS_IN_LEASE);
    task.latestCellSamples = cells.getLast().samples().size();
    grant(agent, task, attempt, new Lease.Render(cells, cut));
  }

  private void grant(AgentWork agent, TaskWork task, int attempt, Lease.Work work) {
    if (task.state != TaskState.RUNNING) {
      task.state = TaskState.RUNNING;
      decision.add(
          new Effect.Enter(
              task.spec.name(), TaskState.RUNNING, "agent %s works on it".formatted(agent.name)));
    }
    leases.grant(agent, task, attempt, work);
    pace.enter(agent, task);
  }

  /**
   * Lets an agent have a share of what others hold.
   *
   * @return whether it was given something to do at once
   */
  private boolean steal(AgentWork thief) {
    if (thief.steals || board.closing().isEmpty()) {
      return false;
    }
    Optional<Steals.Loot> loot =
        steals.find(thief, task -> board.closing().contains(task) && mayWorkOn(task, thief));
    if (loot.isEmpty()) {
      return false;
    }
    LiveLease from = loot.get().from();
    if (!from.task.opened.contains(thief.name)) {
      grant(thief, from.task, 1, new Lease.Open());
      return true;
    }
    from.thief = Optional.of(thief);
    thief.steals = true;
    decision.changed(loot.get().holder());
    decision.add(
        new Effect.Steal(
            from.lease.agent(), from.lease.id(), from.lease.attempt(), loot.get().cells()));
    return false;
  }

  /** The picture is made by an agent that has the scene open, as the frame's plan says. */
  void compose(TaskWork task) {
    Optional<AgentWork> ready =
        bestToCompose(
            task,
            task.opened.stream().flatMap(name -> Optional.ofNullable(agents.get(name)).stream()));
    if (ready.isPresent()) {
      task.composeAttempts++;
      grant(ready.get(), task, task.composeAttempts, new Lease.Compose());
    } else if (task.opening.isEmpty()) {
      bestToCompose(task, agents.values().stream())
          .ifPresent(agent -> grant(agent, task, 1, new Lease.Open()));
    }
  }

  private Optional<AgentWork> bestToCompose(TaskWork task, Stream<AgentWork> candidates) {
    return candidates
        .filter(agent -> mayWorkOn(task, agent))
        .min(
            Comparator.comparingInt((AgentWork agent) -> task.failures.getOrDefault(agent.name, 0))
                .thenComparingLong(AgentWork::waitingWork)
                .thenComparing(agent -> agent.name));
  }

  /**
   * Where nobody else is left who could tell, now or soon, doubted agents are believed.
   *
   * @return whether they were
   */
  boolean settleDoubts(TaskWork task) {
    boolean othersCanTell =
        agents.values().stream()
            .anyMatch(agent ->
                agent.mayBeUsable()
                    && !isLeftOutOf(task, agent)
                    && !task.doubts.isDoubted(agent.name));
    if (task.doubts.isEmpty() || othersCanTell) {
      return false;
    }
    task.doubts.trustAll();
    decision.opened.add(task);
    decision.touched.add(task);
    return true;
  }
}
