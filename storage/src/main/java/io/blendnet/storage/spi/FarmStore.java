package io.blendnet.storage.spi;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.TaskName;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a farm remembers: tasks, their files, deliveries, leases and messages, agents, and a few
 * facts about the farm itself. One thread commits; any thread queries, and sees every commit that
 * returned before its query began, each as a whole. Every query may throw {@link IOException} when
 * the store cannot be read.
 */
public interface FarmStore extends Closeable {
  /**
   * Applies all changes, in order, or none; they survive a power cut once this returns.
   *
   * @throws StaleVersionException when a task is not at the version that a change was made for
   * @throws MissingTaskException when something is stored for a task that is not there
   * @throws StorageFullException when the disk is full
   * @throws IOException when the store cannot be written
   */
  void commit(List<StoreChange> changes) throws IOException;

  Optional<TaskRow> task(TaskName name) throws IOException;

  /** One page of tasks, ordered by name; an empty or short one is the last. */
  List<TaskRow> tasks(TaskQuery query) throws IOException;

  /** A task's files, ordered by path; empty also where there is no such task. */
  List<FileRow> files(TaskName task) throws IOException;

  Optional<FileRow> file(TaskName task, String path) throws IOException;

  /**
   * A task's deliveries, ordered by tile (rows from the top, then columns), then by sample range.
   */
  List<DeliveryRow> deliveries(TaskName task) throws IOException;

  Optional<DeliveryRow> delivery(TaskName task, Cell cell) throws IOException;

  /** A task's leases, ordered by id. */
  List<LeaseRow> leases(TaskName task) throws IOException;

  /**
   * A page of a task's messages, oldest first.
   *
   * @param after number of the last message of the page before; 0 for the first page
   * @param limit messages at most, from 1
   */
  List<StoredMessage> messages(TaskName task, long after, int limit) throws IOException;

  /**
   * The end of a task's messages, oldest first.
   *
   * @param limit messages at most, from 1
   */
  List<StoredMessage> lastMessages(TaskName task, int limit) throws IOException;

  /** All agents, ordered by name. */
  List<AgentRow> agents() throws IOException;

  Optional<AgentRow> agent(AgentName name) throws IOException;

  Optional<String> meta(String key) throws IOException;

  /**
   * Whether a file, a delivery or a task's preview, render or compose is this blob. What stands in
   * a task's config or plan is not looked at.
   */
  boolean isReferenced(BlobId blob) throws IOException;
}
