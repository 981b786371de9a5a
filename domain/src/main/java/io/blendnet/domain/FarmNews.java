package io.blendnet.domain;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps count of what others see differently since they were last told. While nobody has ever
 * asked, all of it is news and nothing need be kept.
 */
final class FarmNews {
  private final Map<TaskName, TaskWork> tasks;
  private final Map<AgentName, AgentWork> agents;
  private final FarmViews views;
  private final Set<TaskName> changedTasks = new LinkedHashSet<>();
  private final Set<AgentName> changedAgents = new LinkedHashSet<>();
  private boolean isAsked;
  private boolean agentsChanged;
  private String toldReason = "";

  /** News of maps that the farm goes on to change. */
  FarmNews(Map<TaskName, TaskWork> tasks, Map<AgentName, AgentWork> agents, FarmViews views) {
    this.tasks = tasks;
    this.agents = agents;
    this.views = views;
  }

  void add(Decision decision) {
    if (!isAsked) {
      return;
    }
    decision.touched.forEach(task -> changedTasks.add(task.spec.name()));
    decision.ended.forEach(task -> changedTasks.add(task.spec.name()));
    decision.changedAgents.forEach(agent -> changedAgents.add(agent.name));
    agentsChanged |= decision.agentsChanged;
  }

  FarmChanges take() {
    if (!isAsked) {
      isAsked = true;
      changedTasks.addAll(tasks.keySet());
      changedAgents.addAll(agents.keySet());
    }
    if (agentsChanged) {
      addWaiting();
    }
    Map<TaskName, Optional<TaskView>> taskViews = new LinkedHashMap<>();
    for (TaskName name : changedTasks) {
      taskViews.put(name, Optional.ofNullable(tasks.get(name)).map(views::of));
    }
    Map<AgentName, Optional<AgentView>> agentViews = new LinkedHashMap<>();
    for (AgentName name : changedAgents) {
      agentViews.put(
          name,
          Optional.ofNullable(agents.get(name)).filter(AgentWork::isConnected).map(views::of));
    }
    changedTasks.clear();
    changedAgents.clear();
    agentsChanged = false;
    return new FarmChanges(taskViews, agentViews);
  }

  /** Why a task waits may be another reason now. */
  private void addWaiting() {
    String reason = views.commonReason();
    boolean isAnother = !reason.equals(toldReason);
    toldReason = reason;
    for (TaskWork task : tasks.values()) {
      if (task.liveLeases.isEmpty() && (isAnother || task.isChoosy())) {
        changedTasks.add(task.spec.name());
      }
    }
  }
}
