package io.blendnet.manager;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Lease;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
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
  }

  @Override
  public void planned(TaskName task, FramePlan plan) {
    try {
      frames.begin(task, plan);
    } catch (IOException e) {
      broke(task, e);
    }
  }

  @Override
  public void grant(Lease lease) {
    rooms().agents.send(lease);
  }

  @Override
  public void revoke(Lease lease) {
    rooms().agents.cancel(lease);
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
            rooms()
                .loop
                .tell(turn -> {
                  cells.forEach(cell -> turn.change(new StoreChange.DeleteDelivery(task, cell)));
                  turn.decide(new FarmEvent.CellsProvedBad(task, cells, message));
                });
          }

          @Override
          public void failed(IOException cause) {
            broke(task, cause);
          }
        });
  }

  private static void book(Turn turn, TaskName task, Blob render, Blob preview) throws IOException {
    Optional<TaskRow> row = turn.row(task);
    if (row.isPresent()) {
      turn.update(
          Rows.withResults(
              row.get(), Optional.of(preview.id()), Optional.of(render.id()), row.get().compose()));
      turn.decide(new FarmEvent.FrameAssembled(task));
    }
  }

  @Override
  public void entered(TaskName task, TaskState state) {
    switch (state) {
      case CREATED, PENDING, RUNNING -> {}
      case STOPPED -> forget(task);
      case COMPLETED, ERROR -> {
        forget(task);
        rooms().loop.tell(turn -> deliveries.forget(turn, task));
      }
    }
  }

  private void forget(TaskName task) {
    frames.end(task);
    orders.forget(task);
    previews.forget(task);
  }

  private void broke(TaskName task, IOException cause) {
    LOG.error("Task {} cannot go on: {}", task, Reason.of(cause));
    rooms()
        .loop
        .tell(turn ->
            turn.decide(
                new FarmEvent.TaskBroke(
                    task, "The Manager cannot go on with it: " + Reason.of(cause))));
  }

  private Rooms rooms() {
    Rooms open = rooms.get();
    if (open == null) {
      throw new IllegalStateException("The farm decided before it was open");
    }
    return open;
  }
}
