package io.blendnet.domain;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What others may see of a farm's tasks and agents. */
final class FarmViews {
  /** Why a task waits that was paused. */
  static final String PAUSED = "paused by the user";

  private static final String BUSY = "all agents are busy with other tasks";

  private static final int REASONS_TOLD = 3;

  private final Map<TaskName, TaskWork> tasks;
  private final Map<AgentName, AgentWork> agents;

  /** Found out when it is asked for, once for all tasks. */
  private Optional<String> commonReason = Optional.empty();

  /** Views of maps that the farm goes on to change. */
  FarmViews(Map<TaskName, TaskWork> tasks, Map<AgentName, AgentWork> agents) {
    this.tasks = tasks;
    this.agents = agents;
  }

  TaskView of(TaskWork task) {
    return new TaskView(
        task.spec.name(),
        task.state,
        task.done(),
        task.stored.size(),
        task.leasedCells,
        remaining(task),
        task.latestCellSamples,
        task.plan.map(FramePlan::cut),
        task.priority,
        task.paused,
        waiting(task));
  }

  AgentView of(AgentWork agent) {
    Optional<TaskWork> task = agent.currentTask().map(tasks::get);
    double share =
        task.flatMap(known -> known.ledger)
            .map(ledger ->
                (double) task.orElseThrow().storedWork.getOrDefault(agent.name, 0L) / ledger.work())
            .orElse(0.0);
    int cells = task.map(known -> known.storedCells.getOrDefault(agent.name, 0)).orElse(0);
    return new AgentView(
        agent.name,
        agent.machine.cores(),
        agent.currentTask(),
        share,
        cells,
        agent.waitingCells(),
        agent.setAside);
  }

  /** Why nothing is being done for a task; empty while something is. */
  String waiting(TaskWork task) {
    if (!task.liveLeases.isEmpty() || task.phase == TaskWork.Phase.ASSEMBLING) {
      return "";
    }
    if (task.paused) {
      return PAUSED;
    }
    if (!task.isChoosy() || !commonReason().equals(BUSY) || canBeTaken(task)) {
      return commonReason();
    }
    if (!task.doubts.isEmpty()) {
      return "waits until an agent is back that can tell whether cells are black or broken rightly";
    }
    if (task.setAside.isEmpty()) {
      return "waits for an agent with more memory";
    }
    return task.setAside.entrySet().stream()
        .limit(REASONS_TOLD)
        .map(aside -> "%s %s".formatted(aside.getKey(), aside.getValue().reason()))
        .collect(Collectors.joining("; ", "waits for another agent: ", ""));
  }

  /** Why a task waits that any agent could do. */
  String commonReason() {
    String known = commonReason.orElseGet(this::findCommonReason);
    commonReason = Optional.of(known);
    return known;
  }

  /** Which agents can be given work is not as it was. */
  void agentsChanged() {
    commonReason = Optional.empty();
  }

  private String findCommonReason() {
    if (agents.values().stream().anyMatch(AgentWork::isUsable)) {
      return BUSY;
    }
    if (agents.values().stream().noneMatch(AgentWork::isConnected)) {
      return "no agent is connected";
    }
    return agents.values().stream().anyMatch(agent -> agent.presence == AgentWork.Presence.HERE)
        ? "all agents are about to end, or set aside because they fail"
        : "no agent answers";
  }

  private boolean canBeTaken(TaskWork task) {
    return agents.values().stream()
        .anyMatch(agent ->
            agent.isUsable()
                && !Allotment.isLeftOutOf(task, agent)
                && !task.doubts.isDoubted(agent.name));
  }

  private Optional<Duration> remaining(TaskWork task) {
    if (task.ledger.isEmpty()) {
      return Optional.empty();
    }
    double speed = task.measuredSpeed();
    long left = task.ledger.get().work() - task.ledger.get().storedWork();
    if (left == 0) {
      return Optional.of(Duration.ZERO);
    }
    return speed > 0
        ? Optional.of(Duration.ofMillis((long) (1000 * left / speed)))
        : Optional.empty();
  }
}
