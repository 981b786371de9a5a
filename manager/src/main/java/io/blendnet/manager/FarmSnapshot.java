package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.AgentView;
import io.blendnet.domain.FarmChanges;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskView;
import io.blendnet.storage.spi.TaskRow;
import java.util.Map;
import java.util.Optional;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * The farm as of the latest commit; immutable, read by any thread. Each snapshot shares with the
 * one before what has not changed.
 *
 * @param rows tasks that have not ended
 * @param tasks progress of the tasks that agents work on or could
 * @param agents connected agents
 */
record FarmSnapshot(
    PMap<TaskName, TaskRow> rows,
    PMap<TaskName, TaskView> tasks,
    PMap<AgentName, AgentView> agents) {
  static final FarmSnapshot EMPTY =
      new FarmSnapshot(HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty());

  /** The same farm after a batch of changes. */
  FarmSnapshot with(PMap<TaskName, TaskRow> newRows, FarmChanges changes) {
    return new FarmSnapshot(newRows, with(tasks, changes.tasks()), with(agents, changes.agents()));
  }

  private static <K, V> PMap<K, V> with(PMap<K, V> known, Map<K, Optional<V>> changes) {
    PMap<K, V> changed = known;
    for (Map.Entry<K, Optional<V>> change : changes.entrySet()) {
      changed =
          change.getValue().isPresent()
              ? changed.plus(change.getKey(), change.getValue().get())
              : changed.minus(change.getKey());
    }
    return changed;
  }
}
