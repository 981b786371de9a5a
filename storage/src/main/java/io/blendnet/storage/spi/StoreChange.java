package io.blendnet.storage.spi;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.Cell;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import java.util.List;

/** One change of the farm's store. Changes are committed in lists, see {@link FarmStore#commit}. */
public sealed interface StoreChange {
  /** A new task, of version 1; stale when there is one of that name. */
  record CreateTask(TaskRow row) implements StoreChange {
    public CreateTask {
      if (row.version() != 1) {
        throw new IllegalArgumentException(
            "Task %s is new and has version 1, not %d".formatted(row.name(), row.version()));
      }
    }
  }

  /**
   * A task's new content.
   *
   * @param row its version is the stored one plus 1; anything else is stale
   */
  record UpdateTask(TaskRow row) implements StoreChange {
    public UpdateTask {
      if (row.version() < 2) {
        throw new IllegalArgumentException(
            "An update of task %s has version 2 or more, not %d"
                .formatted(row.name(), row.version()));
      }
    }
  }

  /**
   * Removes a task with its files, deliveries, leases and messages; stale when it is not there at
   * this version.
   */
  record DeleteTask(TaskName name, long version) implements StoreChange {}

  /** Adds a file to a task that is there, or replaces the one of that path. */
  record PutFile(FileRow row) implements StoreChange {}

  /** Takes a file out of a task; nothing happens when it is not there. */
  record DeleteFile(TaskName task, String path) implements StoreChange {}

  /** Adds a delivery to a task that is there, or replaces the one of that cell. */
  record PutDelivery(DeliveryRow row) implements StoreChange {}

  /** Takes a cell's delivery out; nothing happens when it is not there. */
  record DeleteDelivery(TaskName task, Cell cell) implements StoreChange {}

  /** Takes all deliveries of a task out, as when its frame is assembled. */
  record DeleteDeliveries(TaskName task) implements StoreChange {}

  /** Adds a lease to a task that is there, or replaces the one of that id. */
  record PutLease(LeaseRow row) implements StoreChange {}

  /** Takes a lease out that is over for good; nothing happens when it is not there. */
  record DeleteLease(LeaseId id) implements StoreChange {}

  /** Takes all leases of a task out. */
  record DeleteLeases(TaskName task) implements StoreChange {}

  /** Appends messages, in this order, to tasks that are there. */
  record AppendMessages(List<MessageRow> rows) implements StoreChange {
    public AppendMessages {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Drops all but the newest messages of a task.
   *
   * @param newest how many stay, from 0
   */
  record TrimMessages(TaskName task, int newest) implements StoreChange {
    public TrimMessages {
      if (newest < 0) {
        throw new IllegalArgumentException("Cannot keep " + newest + " messages");
      }
    }
  }

  /** Adds an agent, or replaces the one of that name. */
  record PutAgent(AgentRow row) implements StoreChange {}

  /** Takes an agent out; nothing happens when it is not there. */
  record DeleteAgent(AgentName name) implements StoreChange {}

  /** Sets a fact about the farm, such as its id, its epoch or the next lease's number. */
  record PutMeta(String key, String value) implements StoreChange {}
}
