package io.blendnet.manager;

import io.blendnet.domain.TaskState;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.TaskQuery;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads tasks from a store page by page. */
final class TaskPages {
  private TaskPages() {}

  /** At most this many tasks in these states, ordered by name. */
  static List<TaskRow> read(FarmStore store, Set<TaskState> states, int most) throws IOException {
    List<TaskRow> rows = new ArrayList<>();
    TaskQuery query = TaskQuery.in(states, TaskQuery.MOST);
    for (List<TaskRow> page = store.tasks(query);
        !page.isEmpty() && rows.size() < most;
        page = store.tasks(query.following(page.getLast().name()))) {
      rows.addAll(page);
    }
    return rows.size() > most ? rows.subList(0, most) : rows;
  }
}
