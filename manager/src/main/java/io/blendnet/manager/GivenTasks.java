package io.blendnet.manager;

import io.blendnet.domain.TaskName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The latest tasks that an agent was given work of. A machine that somebody else has taken over
 * must not write into other tasks. Thread-safe.
 */
final class GivenTasks {
  /** More than an agent has anything left to say of. */
  static final int MOST = 1_000;

  private final Map<String, TaskName> tasks =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TaskName> eldest) {
          return size() > MOST;
        }
      };

  synchronized void add(TaskName task) {
    tasks.put(task.value(), task);
  }

  /** The task of that name, where the agent was given work of it. */
  synchronized Optional<TaskName> find(String name) {
    return Optional.ofNullable(tasks.get(name));
  }
}
