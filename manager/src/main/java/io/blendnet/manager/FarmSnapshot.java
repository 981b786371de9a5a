package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.AgentView;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskView;
import io.blendnet.storage.spi.TaskRow;
import java.util.Map;

/**
 * The farm as of the latest commit; immutable, read by any thread.
 *
 * @param rows tasks that have not ended
 * @param tasks progress of the tasks that agents work on or could
 * @param agents connected agents
 */
record FarmSnapshot(
    Map<TaskName, TaskRow> rows, Map<TaskName, TaskView> tasks, Map<AgentName, AgentView> agents) {
  static final FarmSnapshot EMPTY = new FarmSnapshot(Map.of(), Map.of(), Map.of());

  FarmSnapshot {
    rows = Map.copyOf(rows);
    tasks = Map.copyOf(tasks);
    agents = Map.copyOf(agents);
  }
}
