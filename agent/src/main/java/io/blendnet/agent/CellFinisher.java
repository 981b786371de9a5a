package io.blendnet.agent;

import io.blendnet.blender.CellRequest;
import io.blendnet.blender.ComposedFileOnDisk;
import io.blendnet.blender.ComposedPicture;
import io.blendnet.blender.RenderedCell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.Tile;
import io.blendnet.exr.CellCheck;
import io.blendnet.exr.ExrFormatException;
import io.blendnet.exr.PreviewPicture;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkReport.ComposedFile;
import io.blendnet.protocol.WorkReport.DeliveryInfo;
import io.blendnet.protocol.WorkStep;
import io.blendnet.security.FolderTree;
import java.awt.image.BufferedImage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes deliveries of what Blender has saved, while it renders the next cell: read back, checked,
 * renamed, summed, shown small, reported. One after the other, in the order in which they come; a
 * lease's failure waits in the same line, so that what was rendered before it is reported before
 * it.
 */
final class CellFinisher implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(CellFinisher.class);

  /**
   * When reading back is slower than rendering, rendering waits, so that the disk does not fill.
   */
  private static final int MOST_UNFINISHED = 2;

  /** A frame's tiles together make a display of some hundred pixels. */
  private static final int PREVIEW_SIDE = 256;

  private static final int PREVIEW_BYTES = 64 << 10;

  private static final String CYCLES = "CYCLES";

  private final DeliveryShelf shelf;
  private final ShelfRoom shelfRoom;
  private final ScenePace pace;
  private final Semaphore room = new Semaphore(MOST_UNFINISHED);
  private final ExecutorService line =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("cell-finisher").factory());

  CellFinisher(DeliveryShelf shelf, ShelfRoom shelfRoom, ScenePace pace) {
    this.shelf = shelf;
    this.shelfRoom = shelfRoom;
    this.pace = pace;
  }

  /** Waits until another cell may be rendered; it is then to be finished or {@link #giveUp}. */
  void awaitRoom() throws InterruptedException {
    room.acquire();
  }

  /** Cells that are rendered, or about to be, and neither on the shelf nor given up. */
  int unfinished() {
    return MOST_UNFINISHED - room.availablePermits();
  }

  /**
   * The cell for which there was room is not rendered after all; what is there of it is removed.
   */
  void giveUp(CellRequest request) {
    DeliveryShelf.delete(request.partial());
    room.release();
  }

  /**
   * A cell that Blender says it has saved.
   *
   * @param took from the order to Blender to its answer
   * @param lines the most telling of Blender's output
   */
  record Saved(
      TakenLease lease,
      WorkStep.Render step,
      OpenScene scene,
      CellRequest request,
      RenderedCell rendered,
      Duration took,
      List<String> lines) {}

  /**
   * Finishes a cell that was saved.
   *
   * @param onBadCell what to do with a session that renders something else than asked
   */
  void finish(Saved cell, Runnable onBadCell) {
    line.execute(() -> {
      try {
        if (!cell.lease().isOver()) {
          deliver(cell);
        }
      } catch (ExrFormatException e) {
        refuse(cell, e, onBadCell);
      } catch (IOException | RuntimeException e) {
        LOG.warn("Cannot finish cell {} of {}", cell.step().number(), cell.lease(), e);
        failForWantOfRoom(
            cell,
            () ->
                failed(
                    cell,
                    FailureKind.MACHINE,
                    "The agent cannot read the cell's file in %s: %s"
                        .formatted(shelf.folder(), e)));
      } finally {
        giveUp(cell.request());
      }
    });
  }

  /** Blames the disk where it is full, and tries the cell again where it will have more room. */
  private void failForWantOfRoom(Saved cell, Supplier<WorkReport.Failed> otherwise) {
    Optional<String> shortage = shelfRoom.shortage();
    if (shortage.isEmpty()) {
      cell.lease().fail(otherwise.get());
      return;
    }
    DeliveryShelf.delete(cell.request().partial());
    if (shelfRoom.ranOut()) {
      LOG.info("Cell {} of {} found no room", cell.step().number(), cell.lease());
      cell.lease().beginAnew(cell.step());
    } else {
      cell.lease().fail(failed(cell, FailureKind.MACHINE, shortage.get()));
    }
  }

  private void deliver(Saved cell) throws IOException {
    long start = System.nanoTime();
    TakenLease lease = cell.lease();
    WorkStep.Render step = cell.step();
    OpenScene scene = cell.scene();
    CellRequest request = cell.request();
    RenderedCell rendered = cell.rendered();
    boolean cycles = scene.facts().engine().equals(CYCLES);
    int samples = cycles ? step.cell().samples().size() : 0;
    requireTile(request, rendered, scene);
    CellCheck.check(request.partial(), rendered.rendered(), samples);
    Files.move(request.partial(), request.output(), StandardCopyOption.ATOMIC_MOVE);
    DeliveryInfo delivery = shelf.add(lease.key(), request.output());
    shelfRoom.fitted();
    String preview = preview(delivery, request, step.cell().tile(), rendered.rendered());
    Duration readBack = Duration.ofNanos(System.nanoTime() - start);
    CellTimings timings =
        new CellTimings(rendered.sync(), rendered.render(), rendered.save(), readBack);
    pace.record(
        lease.order().scene(),
        new ScenePace.Cost(
            step.cell(),
            rendered.render(),
            cell.took().minus(rendered.render()).plus(readBack),
            delivery.size()));
    LeaseOrder order = lease.order();
    boolean wanted =
        lease.report(
            new WorkReport.Rendered(
                order.task(),
                order.lease(),
                order.attempt(),
                step.number(),
                rendered.rendered(),
                delivery,
                timings,
                Optional.of(preview)));
    if (!wanted) {
      shelf.remove(delivery.id());
    }
  }

  /** Where there is none nobody hears of the delivery, and it must not lie here for ever. */
  private String preview(DeliveryInfo delivery, CellRequest request, Tile tile, Tile rendered)
      throws IOException {
    try {
      BufferedImage picture = PreviewPicture.of(request.output(), rendered, tile, PREVIEW_SIDE);
      return Base64.getEncoder().encodeToString(PreviewPicture.png(picture, PREVIEW_BYTES));
    } catch (IOException | RuntimeException e) {
      shelf.remove(delivery.id());
      throw e;
    }
  }

  private static void requireTile(CellRequest request, RenderedCell rendered, OpenScene scene)
      throws ExrFormatException {
    Tile asked = request.cell().tile().grown(request.overscan(), scene.facts().size());
    if (!rendered.rendered().equals(asked)) {
      throw new ExrFormatException(
          request.partial(),
          "Blender rendered the tile %s instead of %s".formatted(rendered.rendered(), asked));
    }
  }

  private void refuse(Saved cell, ExrFormatException bad, Runnable onBadCell) {
    LOG.warn("Cell {} of {} is refused: {}", cell.step().number(), cell.lease(), bad.getMessage());
    failForWantOfRoom(
        cell,
        () ->
            failed(
                cell,
                FailureKind.BLENDER,
                "Blender saved something else than cell %s: %s"
                    .formatted(cell.request().cell(), bad.getMessage())));
    onBadCell.run();
  }

  private static WorkReport.Failed failed(Saved cell, FailureKind kind, String message) {
    return failed(cell.lease(), Optional.of(cell.step().number()), kind, message, cell.lines());
  }

  /** Delivers the final picture. */
  void deliver(TakenLease lease, ComposedPicture picture, Path folder) {
    line.execute(() -> {
      try {
        List<ComposedFile> files = new ArrayList<>();
        for (ComposedFileOnDisk file : picture.files()) {
          files.add(deliver(lease, file, folder));
        }
        LeaseOrder order = lease.order();
        boolean wanted =
            lease.report(
                new WorkReport.Composed(
                    order.task(), order.lease(), order.attempt(), files, picture.warnings()));
        if (!wanted) {
          shelf.removeOf(lease.key());
        }
      } catch (IOException | RuntimeException e) {
        LOG.warn("Cannot deliver the picture of {}", lease, e);
        lease.fail(
            failed(
                lease,
                Optional.empty(),
                FailureKind.MACHINE,
                shelfRoom
                    .shortage()
                    .orElse("The agent cannot read the picture in %s: %s".formatted(folder, e))));
      } finally {
        FolderTree.discard(folder);
      }
    });
  }

  private ComposedFile deliver(TakenLease lease, ComposedFileOnDisk file, Path folder)
      throws IOException {
    // Names come from the scene; on the shelf files have names of ours.
    Path shelved = shelf.newFile(".picture");
    Files.move(file.path(), shelved);
    String path = folder.relativize(file.path()).toString().replace('\\', '/');
    return new ComposedFile(path, file.contentType(), shelf.add(lease.key(), shelved));
  }

  /** Ends a lease with a failure, after what is in line before it. */
  void fail(TakenLease lease, WorkReport.Failed failed) {
    line.execute(() -> lease.fail(failed));
  }

  /** Does something when all that is in line now is done. */
  void after(Runnable action) {
    line.execute(action);
  }

  static WorkReport.Failed failed(
      TakenLease lease, Optional<Integer> cell, FailureKind kind, String message) {
    return failed(lease, cell, kind, message, List.of());
  }

  static WorkReport.Failed failed(
      TakenLease lease,
      Optional<Integer> cell,
      FailureKind kind,
      String message,
      List<String> lines) {
    LeaseOrder order = lease.order();
    return new WorkReport.Failed(
        order.task(), order.lease(), order.attempt(), cell, kind, message, lines);
  }

  /** Lets what is in line be finished, for a while. */
  @Override
  public void close() {
    line.shutdown();
    try {
      if (!line.awaitTermination(10, TimeUnit.SECONDS)) {
        line.shutdownNow();
      }
    } catch (InterruptedException e) {
      line.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
