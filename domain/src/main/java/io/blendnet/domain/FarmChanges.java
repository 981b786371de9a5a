package io.blendnet.domain;

import java.util.Map;
import java.util.Optional;

/**
 * What others see differently than before.
 *
 * @param tasks as they are now; empty: no longer active
 * @param agents as they are now; empty: gone
 */
public record FarmChanges(
    Map<TaskName, Optional<TaskView>> tasks, Map<AgentName, Optional<AgentView>> agents) {
  public FarmChanges {
    tasks = Map.copyOf(tasks);
    agents = Map.copyOf(agents);
  }
}
