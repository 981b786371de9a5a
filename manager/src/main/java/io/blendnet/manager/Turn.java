package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Effect;
import io.blendnet.domain.Farm;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.Lease;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.PMap;

/**
 * One batch of the farm loop: what its steps change, to be committed in one transaction, and what
 * is to be done afterwards. Lives on the loop's thread.
 */
final class Turn {
  /** Work name under which the Manager's own messages of a task stand. */
  static final String MANAGER_WORK = "manager";

  /** Messages of a task that has ended beyond the newest of these are dropped. */
  static final int MOST_MESSAGES = 2_000;

  private final Farm farm;
  private final FarmStore store;
  private final FarmActions actions;
  private final Instant now;

  /** Tasks that have not ended. */
  private PMap<TaskName, TaskRow> rows;

  /** Rows with changes, still at the version that the store has; 0 for a new one. */
  private final Map<TaskName, TaskRow> changed = new LinkedHashMap<>();

  private final Set<TaskName> removed = new HashSet<>();

  /** In the order in which they were made: a task may be removed and made anew in one batch. */
  private final List<StoreChange> others = new ArrayList<>();

  private final List<MessageRow> messages = new ArrayList<>();
  private final List<Runnable> after = new ArrayList<>();
  private int decisions;

  Turn(Farm farm, FarmStore store, FarmActions actions, Instant now, PMap<TaskName, TaskRow> rows) {
    this.farm = farm;
    this.store = store;
    this.actions = actions;
    this.now = now;
    this.rows = rows;
  }

  Instant now() {
    return now;
  }

  FarmStore store() {
    return store;
  }

  Optional<TaskRow> row(TaskName name) throws IOException {
    TaskRow known = changed.getOrDefault(name, rows.get(name));
    if (known != null) {
      return Optional.of(known);
    }
    return removed.contains(name) ? Optional.empty() : store.task(name);
  }

  /** Adds a task in state {@code CREATED}. */
  TaskRow create(TaskName name) {
    TaskRow row =
        new TaskRow(
            name,
            1,
            TaskState.CREATED,
            now,
            Optional.empty(),
            Optional.empty(),
            "",
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            false);
    others.add(new StoreChange.CreateTask(row));
    removed.remove(name);
    rows = rows.plus(name, row);
    return row;
  }

  /** Replaces a row by one that was made from it. */
  void update(TaskRow row) {
    changed.put(row.name(), row);
    keepInMemory(row);
  }

  private void keepInMemory(TaskRow row) {
    if (row.state() == TaskState.COMPLETED || row.state() == TaskState.ERROR) {
      rows = rows.minus(row.name());
    } else {
      rows = rows.plus(row.name(), row);
    }
  }

  /** Removes a task with all that belongs to it. */
  void remove(TaskRow row) {
    // What this batch changed in it is not worth storing, and the store has it as it was before.
    changed.remove(row.name());
    messages.removeIf(message -> message.task().equals(row.name()));
    removed.add(row.name());
    rows = rows.minus(row.name());
    others.add(new StoreChange.DeleteTask(row.name(), row.version()));
  }

  /** A task's deliveries, those that this batch has added included. */
  List<DeliveryRow> deliveries(TaskName task) throws IOException {
    List<DeliveryRow> deliveries = new ArrayList<>(store.deliveries(task));
    for (StoreChange change : others) {
      if (change instanceof StoreChange.PutDelivery(DeliveryRow row) && row.task().equals(task)) {
        deliveries.add(row);
      }
    }
    return deliveries;
  }

  /** All leases of an agent whose results may be wanted. */
  List<Lease> leasesOf(AgentName agent) {
    return farm.leasesOf(agent);
  }

  void change(StoreChange change) {
    others.add(change);
  }

  void message(TaskName task, String work, String line) {
    messages.add(new MessageRow(task, work, now, line));
  }

  /** Runs after the commit, on the loop's thread; must return at once. */
  void after(Runnable action) {
    after.add(action);
  }

  /** What becomes of a delivery that an event was about: only the caller knows its blob. */
  interface OnDelivery {
    /**
     * It counts.
     *
     * @param attempt under which it does
     */
    void kept(int attempt) throws IOException;

    void dropped() throws IOException;
  }

  /** Has the scheduler decide on an event that brings no delivery, and books what it wants. */
  void decide(FarmEvent event) throws IOException {
    decide(
        event,
        new OnDelivery() {
          @Override
          public void kept(int attempt) {
            throw new IllegalStateException("Nothing was delivered by " + event);
          }

          @Override
          public void dropped() {
            throw new IllegalStateException("Nothing was delivered by " + event);
          }
        });
  }

  /** Has the scheduler decide, and books what it wants, in its order. */
  void decide(FarmEvent event, OnDelivery delivery) throws IOException {
    decisions++;
    for (Effect effect : farm.decide(event)) {
      switch (effect) {
        case Effect.Grant(var lease) -> {
          LeaseRows.of(lease).ifPresent(row -> change(new StoreChange.PutLease(row)));
          after(() -> actions.grant(lease));
        }
        case Effect.Revoke(var agent, var lease, var attempt) ->
            after(() -> actions.revoke(agent, lease, attempt));
        case Effect.Steal steal -> after(() -> actions.steal(steal));
        case Effect.Forget(var agent, var lease) -> {
          change(new StoreChange.DeleteLease(lease));
          after(() -> actions.forget(agent, lease));
        }
        case Effect.Assemble(var task) -> after(() -> actions.assemble(task));
        case Effect.Plan(var task, var plan) -> {
          TaskRow row = existing(task);
          update(Rows.withPlan(row, TaskNotes.parse(row.plan()).withPlan(plan).json()));
          after(() -> actions.planned(task, plan));
          message(task, MANAGER_WORK, "Strategy " + plan.cut().description());
          plan.facts().warnings().forEach(warning -> message(task, MANAGER_WORK, warning));
        }
        case Effect.Enter(var task, var state, var reason) -> enter(task, state, reason);
        case Effect.Note(var task, var text) -> message(task, MANAGER_WORK, text);
        case Effect.Keep keep -> delivery.kept(keep.attempt());
        case Effect.Drop _ -> delivery.dropped();
        case Effect.SetAside(var agent, var reason) -> after(() -> actions.setAside(agent, reason));
        case Effect.GiveBack(var agent, var reason) -> after(() -> actions.giveBack(agent, reason));
      }
    }
  }

  /** How many events the scheduler has decided on. */
  int decisions() {
    return decisions;
  }

  /** Books that a task has another state. */
  void enter(TaskName task, TaskState state, String reason) throws IOException {
    TaskRow row = existing(task);
    TaskRow noted =
        switch (state) {
          case CREATED, PENDING -> row;
          case RUNNING -> Rows.withPlan(row, TaskNotes.parse(row.plan()).workedOnAt(now).json());
          // One in error may be run again, and needs what was delivered then.
          case STOPPED, ERROR -> withDetails(row, deliveries(task));
          case COMPLETED -> withoutDeliveries(row);
        };
    update(Rows.withState(noted, state, now, reason));
    message(task, MANAGER_WORK, "%s: %s".formatted(state, reason));
    if (state == TaskState.COMPLETED || state == TaskState.ERROR) {
      change(new StoreChange.TrimMessages(task, MOST_MESSAGES));
    }
    after(() -> actions.entered(task, state));
  }

  /** The assembled frame replaces what was delivered. */
  private TaskRow withoutDeliveries(TaskRow row) throws IOException {
    List<DeliveryRow> deliveries = deliveries(row.name());
    List<BlobId> freed = deliveries.stream().map(DeliveryRow::blob).toList();
    change(new StoreChange.DeleteDeliveries(row.name()));
    after(() -> actions.freed(freed));
    return withDetails(row, deliveries);
  }

  private static TaskRow withDetails(TaskRow row, List<DeliveryRow> deliveries) {
    return Rows.withPlan(row, TaskNotes.parse(row.plan()).withDetails(deliveries).json());
  }

  private TaskRow existing(TaskName task) throws IOException {
    return row(task).orElseThrow(() -> new IllegalStateException("No row of task " + task));
  }

  /** Everything to be stored, in an order in which it can be. */
  List<StoreChange> changes() {
    List<StoreChange> changes = new ArrayList<>(others);
    for (TaskRow row : changed.values()) {
      changes.add(new StoreChange.UpdateTask(Rows.nextVersion(row)));
    }
    if (!messages.isEmpty()) {
      changes.add(new StoreChange.AppendMessages(messages));
    }
    return changes;
  }

  /** The commit succeeded: rows have their new versions. */
  void committed() {
    changed.values().forEach(row -> keepInMemory(Rows.nextVersion(row)));
  }

  /** Tasks that have not ended, as this batch leaves them. */
  PMap<TaskName, TaskRow> rows() {
    return rows;
  }

  /** Does what waited for the commit. */
  void runAfter() {
    after.forEach(Runnable::run);
  }
}
