package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.TaskName;
import io.blendnet.storage.spi.AgentRow;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.LeaseRow;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.StoredMessage;
import io.blendnet.storage.spi.TaskQuery;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A store that measures how long its commits take. */
final class TimedStore implements FarmStore {
  private final FarmStore store;
  private final Times commits;

  /**
   * @param commits is added to by the thread that commits
   */
  TimedStore(FarmStore store, Times commits) {
    this.store = store;
    this.commits = commits;
  }

  @Override
  public void commit(List<StoreChange> changes) throws IOException {
    long begun = System.nanoTime();
    store.commit(changes);
    commits.add(System.nanoTime() - begun);
  }

  @Override
  public Optional<TaskRow> task(TaskName name) throws IOException {
    return store.task(name);
  }

  @Override
  public List<TaskRow> tasks(TaskQuery query) throws IOException {
    return store.tasks(query);
  }

  @Override
  public List<FileRow> files(TaskName task) throws IOException {
    return store.files(task);
  }

  @Override
  public Optional<FileRow> file(TaskName task, String path) throws IOException {
    return store.file(task, path);
  }

  @Override
  public List<DeliveryRow> deliveries(TaskName task) throws IOException {
    return store.deliveries(task);
  }

  @Override
  public Optional<DeliveryRow> delivery(TaskName task, Cell cell) throws IOException {
    return store.delivery(task, cell);
  }

  @Override
  public List<LeaseRow> leases(TaskName task) throws IOException {
    return store.leases(task);
  }

  @Override
  public List<StoredMessage> messages(TaskName task, long after, int limit) throws IOException {
    return store.messages(task, after, limit);
  }

  @Override
  public List<StoredMessage> lastMessages(TaskName task, int limit) throws IOException {
    return store.lastMessages(task, limit);
  }

  @Override
  public List<AgentRow> agents() throws IOException {
    return store.agents();
  }

  @Override
  public Optional<AgentRow> agent(AgentName name) throws IOException {
    return store.agent(name);
  }

  @Override
  public Optional<String> meta(String key) throws IOException {
    return store.meta(key);
  }

  @Override
  public boolean isReferenced(BlobId blob) throws IOException {
    return store.isReferenced(blob);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
