package io.blendnet.manager;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.Lease;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.WorkStep;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Writes leases out as orders for agents. Thread-safe. */
final class LeaseOrders {
  /** A task's scene does not change while it is pending or running. */
  private final Map<TaskName, SceneOrder> scenes = new ConcurrentHashMap<>();

  private final FarmIdentity farm;
  private final FarmStore store;

  LeaseOrders(FarmIdentity farm, FarmStore store) {
    this.farm = farm;
    this.store = store;
  }

  /** The scene of a task that becomes ready; remembered until it ends. */
  SceneOrder begin(TaskRow row) throws IOException {
    SceneOrder scene = read(row);
    scenes.put(row.name(), scene);
    return scene;
  }

  private SceneOrder read(TaskRow row) throws IOException {
    return SceneOrders.of(row.name(), SceneOrders.config(row), store.files(row.name()));
  }

  /** Forgets a task that has ended. */
  void forget(TaskName task) {
    scenes.remove(task);
  }

  LeaseOrder of(Lease lease) throws IOException {
    TaskRow row =
        store
            .task(lease.task())
            .orElseThrow(() -> new IOException("Task '%s' is gone".formatted(lease.task())));
    TaskConfig config = SceneOrders.config(row);
    SceneOrder known = scenes.get(row.name());
    return new LeaseOrder(
        farm.id(),
        lease.task().value(),
        lease.id().value(),
        lease.attempt(),
        config.frame().orElse(TaskDesk.DEFAULT_FRAME),
        known == null ? read(row) : known,
        steps(lease, row));
  }

  /** What an agent must have before it can take an order. */
  Set<BlobId> blobs(LeaseOrder order) {
    Set<BlobId> blobs = new HashSet<>();
    order.scene().files().values().forEach(sha256 -> blobs.add(new BlobId(sha256)));
    for (WorkStep step : order.steps()) {
      if (step instanceof WorkStep.Compose(String frameBlob)) {
        blobs.add(new BlobId(frameBlob));
      }
    }
    return blobs;
  }

  private static List<WorkStep> steps(Lease lease, TaskRow row) throws IOException {
    return switch (lease.work()) {
      case Lease.Open() -> List.of(new WorkStep.Open());
      case Lease.Compose() ->
          List.of(
              new WorkStep.Compose(
                  row.render()
                      .orElseThrow(
                          () -> new IOException("Task '%s' has no frame".formatted(row.name())))
                      .sha256()));
      case Lease.Render render -> {
        List<WorkStep> steps = new ArrayList<>();
        for (Cell cell : render.cells()) {
          steps.add(
              new WorkStep.Render(
                  steps.size(), cell, render.cut().overscan(), render.cut().exactPattern()));
        }
        yield steps;
      }
    };
  }
}
