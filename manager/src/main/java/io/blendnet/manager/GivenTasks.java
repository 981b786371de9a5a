package io.blendnet.manager;

import io.blendnet.domain.TaskName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The latest tasks that an agent was given work of. A machine that somebody else has taken over
 * must not write into other tasks. Thread-safe.
 */
final class GivenTasks {
  /** More than an agent has anything left to say of. */
  static final int MOST = 1_000;

  /** Lines that a task takes from one agent: what the store grows by is not the agent's to say. */
  static final int MOST_LINES = 10_000;

  private static final class Given {
    private final TaskName task;
    private int lines;

    private Given(TaskName task) {
      this.task = task;
    }
  }

  private final Map<String, Given> tasks =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Given> eldest) {
          return size() > MOST;
        }
      };

  synchronized void add(TaskName task) {
    tasks.computeIfAbsent(task.value(), _ -> new Given(task));
  }

  /** The task of that name, where the agent was given work of it. */
  synchronized Optional<TaskName> find(String name) {
    return Optional.ofNullable(tasks.get(name)).map(given -> given.task);
  }

  /** Those of the lines that the task still takes from this agent, and where it stops, a note. */
  synchronized List<String> admit(TaskName task, List<String> lines) {
    Given given = tasks.get(task.value());
    if (given == null || given.lines > MOST_LINES) {
      return List.of();
    }
    int room = MOST_LINES - given.lines;
    if (lines.size() <= room) {
      given.lines += lines.size();
      return lines;
    }
    given.lines = MOST_LINES + 1;
    List<String> admitted = new ArrayList<>(lines.subList(0, room));
    admitted.add(
        "This agent has said %,d lines of this task; its further ones are left out"
            .formatted(MOST_LINES));
    return admitted;
  }
}
