package io.blendnet.domain;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** How much work an agent is given at a time, by what was measured. */
final class Pace {
  /** Assumed before any agent has rendered a cell of a scene: pixel samples a second and core. */
  private static final double ASSUMED_WORK_PER_CORE = 200_000;

  private static final double FIRST_CELL_SECONDS = 1;
  private static final double SHORTEST_CELL_SECONDS = 2;
  private static final double LONGEST_CELL_SECONDS = 10;

  /** Cells shrink towards the end of a frame, so that agents finish together, but not below. */
  private static final double SHORTEST_LAST_CELL_SECONDS = 0.7;

  /** Cells are as long as it takes to keep what does not grow with them below this share. */
  private static final double FIXED_SHARE = 0.03;

  /** While an agent is hardly known, a cell has at most this many times its largest one's work. */
  private static final int GROWTH = 4;

  private static final int CELLS_UNTIL_KNOWN = 4;

  /** Scenes beyond this many are forgotten, the first learnt first. */
  private static final int MOST_SCENES = 1_000;

  private static final double WEIGHT_OF_NEWEST = 0.2;

  /** What a core of this farm renders of a scene, in pixel samples a second. */
  private final Map<String, Double> workPerCore = new LinkedHashMap<>();

  /**
   * @param rendered pixel samples of a cell with its overscan
   */
  void learn(AgentWork agent, String scene, long rendered, CellTimings timings) {
    agent.learn(scene, rendered, timings);
    double measured = agent.speed(scene).workPerSecond() / agent.machine.cores();
    if (!workPerCore.containsKey(scene) && workPerCore.size() == MOST_SCENES) {
      workPerCore.remove(workPerCore.keySet().iterator().next());
    }
    workPerCore.merge(
        scene, measured, (before, newest) -> before + WEIGHT_OF_NEWEST * (newest - before));
  }

  /** Whether an agent, or any other of the farm, has rendered a cell of a scene. */
  boolean knows(AgentWork agent, String scene) {
    return agent.speed(scene).isKnown() || workPerCore.containsKey(scene);
  }

  /** Pixel samples a second: measured, or where the agent is new to the scene, by its cores. */
  double workPerSecond(AgentWork agent, String scene) {
    Speed own = agent.speed(scene);
    return own.isKnown()
        ? own.workPerSecond()
        : agent.machine.cores() * workPerCore.getOrDefault(scene, ASSUMED_WORK_PER_CORE);
  }

  /** Notes how fast an agent is at a task that it has leases of. */
  void enter(AgentWork agent, TaskWork task) {
    String scene = task.spec.scene();
    task.isRenderedBy(agent.name, workPerSecond(agent, scene), agent.speed(scene).isKnown());
  }

  /** The share of a frame's speed that is an agent's, or would be; 1: nobody else renders it. */
  double share(AgentWork agent, TaskWork task) {
    double others = task.speedOfOthers(agent.name);
    double own = workPerSecond(agent, task.spec.scene());
    return own / (own + others);
  }

  /** Seconds until an agent is done with all that it has. */
  double secondsAhead(AgentWork agent) {
    double seconds = 0;
    for (LiveLease live : agent.leases.values()) {
      seconds += live.waitingWork() / workPerSecond(agent, live.task.spec.scene());
    }
    return seconds;
  }

  /** Seconds that a cell should take an agent. */
  double seconds(AgentWork agent, TaskWork task, Cell cell) {
    String scene = task.spec.scene();
    long rendered = task.plan.orElseThrow().cut().renderedWork(cell);
    return rendered / workPerSecond(agent, scene) + agent.speed(scene).fixedSeconds();
  }

  /**
   * Pixel samples that an agent should have: while it is hardly known as little as keeps it busy,
   * and towards the end of a frame a fair share of what is left.
   *
   * @param open pixel samples of the frame that nobody has
   * @param share of the frame's speed that is this agent's; 1: nobody else renders it
   * @param longest how far ahead an agent is given work at most
   */
  long ahead(AgentWork agent, String scene, long open, double share, Duration longest) {
    if (agent.speed(scene).cells() < CELLS_UNTIL_KNOWN) {
      return 0;
    }
    double wanted = workPerSecond(agent, scene) * longest.toMillis() / 1000;
    return (long) (share < 1 ? Math.min(wanted, open * share / 2) : wanted);
  }

  /**
   * Pixel samples of an agent's next cell.
   *
   * @param open pixel samples of the frame that nobody has
   * @param share of the frame's speed that is this agent's; 1: nobody else renders it
   */
  long nextCell(AgentWork agent, String scene, FrameCut cut, long open, double share) {
    Speed speed = agent.speed(scene);
    double workPerSecond = workPerSecond(agent, scene);
    double seconds =
        speed.isKnown()
            ? Math.clamp(
                speed.fixedSeconds() / FIXED_SHARE, SHORTEST_CELL_SECONDS, LONGEST_CELL_SECONDS)
            : FIRST_CELL_SECONDS;
    double wanted = workPerSecond * seconds;
    if (speed.isKnown()) {
      double longest = workPerSecond * LONGEST_CELL_SECONDS;
      wanted = Math.max(wanted, Math.min((double) cut.economicalWork(), longest));
    }
    if (speed.isKnown() && speed.cells() < CELLS_UNTIL_KNOWN) {
      wanted = Math.min(wanted, (double) GROWTH * speed.largestCell());
    }
    if (share < 1) {
      double fairShare = open * share / 2;
      double smallest =
          Math.max(
              workPerSecond * SHORTEST_LAST_CELL_SECONDS,
              Math.min((double) cut.economicalWork() / 3, workPerSecond * SHORTEST_CELL_SECONDS));
      wanted = Math.min(wanted, Math.max(fairShare, smallest));
    }
    return Math.max(1, (long) wanted);
  }
}
