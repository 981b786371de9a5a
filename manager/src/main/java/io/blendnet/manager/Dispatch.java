package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what the farm loop decided to those who do it. */
final class Dispatch implements FarmActions {
  private record Rooms(FarmLoop loop, AgentDesk agents) {}

  private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);

  private final Frames frames;
  private final LeaseOrders orders;
  private final Deliveries deliveries;
  private final Previews previews;

  /** Set once, before the first agent is there; the loop is made with this dispatch. */
  private final AtomicReference<Rooms> rooms = new AtomicReference<>();

  Dispatch(Frames frames, LeaseOrders orders, Deliveries deliveries, Previews previews) {
    this.frames = frames;
    this.orders = orders;
    this.deliveries = deliveries;
    this.previews = previews;
  }

  void open(FarmLoop loop, AgentDesk agents) {
    rooms.set(new Rooms(loop, agents));
    frames.onBroken(this::broke);
  }

  @Override
  public void planned(TaskName task, FramePlan plan) {
    frames.begin(task, plan);
  }

  @Override
  public void grant(Lease lease) {
    rooms().agents.send(lease);
  }

  @Override
  public void revoke(AgentName agent, LeaseId lease, int attempt) {
    rooms().agents.cancel(agent, lease, attempt);
  }

  @Override
  public void steal(Effect.Steal steal) {
    rooms().agents.steal(steal);
  }

  @Override
  public void forget(AgentName agent, LeaseId lease) {
    rooms().agents.forget(agent, lease);
  }

  @Override
  public void setAside(AgentName agent, String reason) {
    LOG.warn("Agent {} is set aside: {}", agent, reason);
  }

  @Override
  public void giveBack(AgentName agent, String reason) {
    rooms().agents.giveBack(agent, reason);
  }

  @Override
  public void freed(List<BlobId> blobs) {
    deliveries.sweep(blobs);
  }

  @Override
  public void assemble(TaskName task) {
    frames.finish(
        task,
        new Frames.Outcome() {
          @Override
          public void assembled(Blob render, Blob preview) {
            rooms().loop.tell(turn -> book(turn, task, render, preview));
          }

          @Override
          public void bad(List<Cell> cells, String message) {
            rooms().loop.tell(turn -> dropBad(turn, task, cells, message));
          }

          @Override
          public void failed(IOException cause) {
            broke(task, cause);
          }
        });
  }

  private void book(Turn turn, TaskName task, Blob render, Blob preview) throws IOException {
    Optional<TaskRow> found = turn.row(task);
    List<BlobId> unused = new ArrayList<>(List.of(render.id(), preview.id()));
    if (!deliveries.isThere(render) || !deliveries.isThere(preview)) {
      turn.after(() -> assemble(task));
    } else if (found.isPresent() && found.get().state().isActive()) {
      TaskRow row = found.get();
      row.render().ifPresent(unused::add);
      row.preview().ifPresent(unused::add);
      turn.update(
          Rows.withResults(
              row, Optional.of(preview.id()), Optional.of(render.id()), row.compose()));
      turn.decide(new FarmEvent.FrameAssembled(task));
    }
    deliveries.discard(turn, unused);
  }

  private void dropBad(Turn turn, TaskName task, List<Cell> cells, String message)
      throws IOException {
    for (Cell cell : cells) {
      turn.store()
          .delivery(task, cell)
          .ifPresent(delivery -> deliveries.discard(turn, List.of(delivery.blob())));
      turn.change(new StoreChange.DeleteDelivery(task, cell));
    }
    turn.decide(new FarmEvent.CellsProvedBad(task, cells, message));
  }

  @Override
  public void entered(TaskName task, TaskState state) {
    switch (state) {
      case CREATED, PENDING, RUNNING -> {}
      case STOPPED, ERROR -> {
        frames.lastPreview(
            task, preview -> rooms().loop.tell(turn -> keepPreview(turn, task, preview)));
        forget(task);
      }
      case COMPLETED -> forget(task);
    }
  }

  /** What there was of a frame can still be looked at. */
  private void keepPreview(Turn turn, TaskName task, Blob preview) throws IOException {
    Optional<TaskRow> found = turn.row(task).filter(row -> !row.state().isActive());
    List<BlobId> unused = new ArrayList<>(List.of(preview.id()));
    if (found.isPresent() && deliveries.isThere(preview)) {
      TaskRow row = found.get();
      row.preview().ifPresent(unused::add);
      turn.update(Rows.withResults(row, Optional.of(preview.id()), row.render(), row.compose()));
    }
    deliveries.discard(turn, unused);
  }

  private void forget(TaskName task) {
    frames.end(task);
    orders.forget(task);
    previews.forget(task);
    deliveries.forget(task);
  }

  /** The Manager cannot go on with a task. */
  void broke(TaskName task, IOException cause) {
    LOG.error("Task {} cannot go on: {}", task, Reason.of(cause));
    String message = "The Manager cannot go on with it. " + Reason.of(cause);
    rooms().loop.tell(turn -> turn.decide(new FarmEvent.TaskBroke(task, message)));
  }

  private Rooms rooms() {
    Rooms open = rooms.get();
    if (open == null) {
      throw new IllegalStateException("The farm decided before it was open");
    }
    return open;
  }
}
