package io.blendnet.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Somebody who knows a farm by its changes alone; it must look the same as if looked at anew. */
final class ToldFarm {
  private final Map<TaskName, TaskView> tasks = new HashMap<>();
  private final Map<AgentName, AgentView> agents = new HashMap<>();

  void follow(Farm farm) {
    FarmChanges changes = farm.changes();
    changes.tasks().forEach((name, task) -> replace(tasks, name, task));
    changes.agents().forEach((name, agent) -> replace(agents, name, agent));
    assertThat(tasks.values()).containsExactlyInAnyOrderElementsOf(farm.taskViews());
    assertThat(agents.values()).containsExactlyInAnyOrderElementsOf(farm.agentViews());
  }

  private static <K, V> void replace(Map<K, V> map, K key, Optional<V> value) {
    value.ifPresentOrElse(known -> map.put(key, known), () -> map.remove(key));
  }
}
