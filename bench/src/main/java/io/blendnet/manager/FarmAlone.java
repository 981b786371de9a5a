package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.Effect;
import io.blendnet.domain.Farm;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FarmRules;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedSet;

/** The scheduler without loop and store: events in, effects out, on one thread. */
public final class FarmAlone {
  /** Decisions between two ticks of the farm loop's clock, at the rate that is aimed at. */
  private static final int DECISIONS_A_SECOND = 20_000;

  private final Workload workload;
  private final Farm farm = new Farm(new LeaseId(1), FarmRules.DEFAULT);
  private final Map<AgentName, InstantAgent> agents = new HashMap<>();

  /**
   * Agents that may have something to tell; each tells one thing, then it is the next one's turn.
   */
  private final SequencedSet<InstantAgent> ready = new LinkedHashSet<>();

  private final Queue<FarmEvent> desk = new ArrayDeque<>();
  private final Times times = new Times();
  private int frames;
  private int seconds;

  private FarmAlone(Workload workload, int agentCount) {
    this.workload = workload;
    for (int frame = 0; frame < workload.framesAtOnce(agentCount); frame++) {
      nextFrame();
    }
    for (int number = 0; number < agentCount; number++) {
      InstantAgent agent = new InstantAgent(number, workload.facts());
      agents.put(agent.name(), agent);
      ready.add(agent);
    }
  }

  private void nextFrame() {
    desk.add(new FarmEvent.TaskReady(workload.task(frames++)));
  }

  /** Has a farm decide for some time, once all agents are at work and as long again. */
  public static Measured measure(Workload workload, int agents, Duration time) {
    FarmAlone alone = new FarmAlone(workload, agents);
    while (alone.times.count() < workload.decisionsUntilBusy(agents)) {
      alone.decide(alone.next());
    }
    alone.run(time);
    alone.times.clear();
    double cpuBefore = CpuTime.seconds();
    double seconds = alone.run(time);
    return Measured.alone(workload, agents, alone.times, seconds, CpuTime.seconds() - cpuBefore);
  }

  /** Decides for some time; how many seconds that was. */
  private double run(Duration time) {
    long begun = System.nanoTime();
    long end = begun + time.toNanos();
    while (System.nanoTime() < end) {
      decide(next());
    }
    return (System.nanoTime() - begun) / 1e9;
  }

  private FarmEvent next() {
    if (times.count() % DECISIONS_A_SECOND == DECISIONS_A_SECOND - 1) {
      return new FarmEvent.TimePassed(Duration.ofSeconds(++seconds));
    }
    if (!desk.isEmpty()) {
      return desk.remove();
    }
    while (true) {
      InstantAgent agent = ready.removeFirst();
      var message = agent.next();
      if (message.isPresent()) {
        ready.addLast(agent);
        return message.get().event();
      }
    }
  }

  private void decide(FarmEvent event) {
    long begun = System.nanoTime();
    var effects = farm.decide(event);
    times.add(System.nanoTime() - begun);
    effects.forEach(this::carryOut);
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Grant(Lease lease) -> agent(lease.agent()).take(lease);
      case Effect.Revoke(AgentName name, LeaseId lease, int _) -> agent(name).drop(lease);
      case Effect.Steal steal -> agent(steal.agent()).giveBack(steal);
      case Effect.Assemble(var task) -> desk.add(new FarmEvent.FrameAssembled(task));
      case Effect.Enter(var _, TaskState state, String reason) -> {
        if (state == TaskState.ERROR) {
          throw new IllegalStateException("A frame of the benchmark failed: " + reason);
        }
        if (state == TaskState.COMPLETED) {
          nextFrame();
        }
      }
      case Effect.Plan _,
          Effect.Keep _,
          Effect.Drop _,
          Effect.Forget _,
          Effect.Note _,
          Effect.SetAside _,
          Effect.GiveBack _ -> {}
    }
  }

  private InstantAgent agent(AgentName name) {
    InstantAgent agent = agents.get(name);
    if (agent == null) {
      throw new IllegalStateException("No such agent: " + name);
    }
    ready.add(agent);
    return agent;
  }
}
