package io.blendnet.manager;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellLooks;
import io.blendnet.domain.FrameCut;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Lease;
import io.blendnet.domain.TaskName;
import io.blendnet.exr.CellCheck;
import io.blendnet.exr.ExrFormatException;
import io.blendnet.exr.ExrReader;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkReport.DeliveryInfo;
import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What agents deliver: fetched, checked, stored, folded into the scratch frame. The methods that
 * take a {@link Turn} run on the farm loop; blobs are removed there alone, so that none goes that a
 * commit is about to refer to.
 */
final class Deliveries {
  /** Looks at a file before it is stored. */
  private interface Check {
    void check(Path file) throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

  private final Path incoming;
  private final ResultRoom room;
  private final BlobStore blobs;
  private final FarmStore store;
  private final Frames frames;
  private final Map<TaskName, Boolean> ofCycles = new ConcurrentHashMap<>();

  /** Stored, or about to be, and not booked yet: by how many. None of them is removed. */
  private final Map<BlobId, Integer> unbooked = new ConcurrentHashMap<>();

  /**
   * @param incoming an own folder on the blob store's file system; what lies in it is swept
   */
  Deliveries(Path incoming, BlobStore blobs, FarmStore store, Frames frames) throws IOException {
    this.incoming = PrivateFiles.createFolder(incoming);
    this.room = new ResultRoom(incoming);
    this.blobs = blobs;
    this.store = store;
    this.frames = frames;
    try (var left = Files.list(incoming)) {
      for (Path file : left.toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  BlobStore blobs() {
    return blobs;
  }

  /** A cell's result, checked and stored. */
  record FetchedCell(Blob blob, CellLooks looks) {}

  /**
   * Fetches a cell's result, checks it against what was leased, and stores it. Its blob stays until
   * it is {@link #letGo}.
   *
   * @throws ExrFormatException it is not what was asked for
   * @throws ExcessException it is larger than it can be
   * @throws StorageFullException there is no room for it
   */
  FetchedCell fetchCell(AgentClient client, Lease lease, Cell cell, WorkReport.Rendered rendered)
      throws IOException, InterruptedException {
    ResultRoom.checkCell(rendered.rendered(), rendered.delivery().size());
    int samples = isOfCycles(lease.task()) ? cell.samples().size() : 0;
    AtomicReference<CellLooks> looks = new AtomicReference<>(CellLooks.FINE);
    Blob blob =
        fetch(
            client,
            rendered.delivery(),
            file -> {
              looks.set(CellCheck.check(file, rendered.rendered(), samples));
              checkScratch(file, lease);
            });
    return new FetchedCell(blob, looks.get());
  }

  /** The first cell decides how many channels the scratch frame has, which is not compressed. */
  private void checkScratch(Path file, Lease lease) throws IOException {
    if (frames.folded(lease.task()) > 0) {
      return;
    }
    FrameCut cut = ((Lease.Render) lease.work()).cut();
    try (ExrReader reader = ExrReader.open(file)) {
      room.checkFrame(cut.size(), reader.header().channels().size());
    }
  }

  /**
   * Refuses a picture that does not leave room for others.
   *
   * @throws ExcessException the agent is not to be believed
   */
  void checkRoom(List<WorkReport.ComposedFile> files) throws ExcessException {
    room.checkPicture(files);
  }

  /** Whether a task's cells say how many samples they have; other engines do not. */
  private boolean isOfCycles(TaskName task) throws IOException {
    Boolean known = ofCycles.get(task);
    if (known != null) {
      return known;
    }
    Optional<FramePlan> plan = store.task(task).flatMap(row -> TaskNotes.parse(row.plan()).plan());
    boolean found = plan.filter(drawn -> drawn.facts().engine().equals("CYCLES")).isPresent();
    plan.ifPresent(_ -> ofCycles.put(task, found));
    return found;
  }

  /** Forgets a task that has ended. */
  void forget(TaskName task) {
    ofCycles.remove(task);
  }

  /**
   * Fetches a file and stores it. Its blob stays until it is {@link #letGo}.
   *
   * @throws StorageFullException there is no room for it
   */
  Blob fetch(AgentClient client, DeliveryInfo delivery) throws IOException, InterruptedException {
    return fetch(client, delivery, _ -> {});
  }

  /** The SHA-1 of what was fetched, which API v1 shows. */
  String sha1(Blob fetched) throws IOException {
    return blobs.sha1(fetched.id());
  }

  private Blob fetch(AgentClient client, DeliveryInfo delivery, Check check)
      throws IOException, InterruptedException {
    Path file = incoming.resolve(UUID.randomUUID().toString());
    if (!BlobId.isValid(delivery.sha256())) {
      throw new ExrFormatException(file, "it was announced without a SHA-256");
    }
    BlobId id = new BlobId(delivery.sha256());
    boolean isStored = false;
    unbooked.merge(id, 1, Integer::sum);
    try {
      client.fetchDelivery(delivery, file, TransferProgress.NONE);
      check.check(file);
      Blob blob = blobs.adopt(file, id);
      isStored = true;
      return blob;
    } catch (FarmException | ExrFormatException | ExcessException | StorageFullException e) {
      throw e;
    } catch (IOException e) {
      // The system's words name neither folder nor bytes. What did not fit does not fit now either.
      long free = incoming.toFile().getUsableSpace();
      if (free >= delivery.size()) {
        throw e;
      }
      var full = new StorageFullException(incoming, delivery.size(), free);
      full.initCause(e);
      throw full;
    } finally {
      if (!isStored) {
        letGo(id);
      }
      Files.deleteIfExists(file);
    }
  }

  /** A fetched blob is being booked, in this step of the farm loop, or never will be. */
  void letGo(BlobId blob) {
    unbooked.computeIfPresent(blob, (_, count) -> count == 1 ? null : count - 1);
  }

  /**
   * Whether a blob can be booked: one that was there already may have been removed with the last
   * task that referred to it. On the farm loop alone.
   */
  boolean isThere(Blob blob) throws IOException {
    return blobs.find(blob.id()).isPresent();
  }

  /** Books a delivery and folds it in once it is booked. */
  void keep(Turn turn, DeliveryRow delivery) {
    turn.change(new StoreChange.PutDelivery(delivery));
    turn.after(
        () -> frames.fold(delivery.task(), delivery.cell(), delivery.rendered(), delivery.blob()));
  }

  /** Books the picture. */
  void composed(Turn turn, Lease lease, List<TaskNotes.Output> outputs, List<String> warnings)
      throws IOException {
    Optional<TaskRow> found = turn.row(lease.task());
    if (found.isEmpty()) {
      return;
    }
    TaskRow row = found.get();
    TaskNotes notes = TaskNotes.parse(row.plan()).withOutputs(outputs, warnings);
    TaskRow withPlan = Rows.withPlan(row, notes.json());
    turn.update(
        Rows.withResults(
            withPlan,
            row.preview(),
            row.render(),
            Optional.of(new BlobId(outputs.getFirst().blob()))));
    List<BlobId> replaced =
        Stream.concat(
                row.compose().stream(),
                TaskNotes.parse(row.plan()).outputs().stream()
                    .map(output -> new BlobId(output.blob())))
            .toList();
    discard(turn, replaced);
    OutputFiles.changes(lease.task(), outputs).forEach(turn::change);
    warnings.forEach(warning -> turn.message(lease.task(), Turn.MANAGER_WORK, warning));
  }

  /** Removes blobs, after the commit, that nothing refers to any more. */
  void discard(Turn turn, Collection<BlobId> freed) {
    turn.after(() -> sweep(freed));
  }

  /**
   * Removes those of the blobs that nothing refers to; on the farm loop alone. A file that a user
   * has asked for stays for a while: it may be wanted again with the next task.
   */
  void sweep(Collection<BlobId> freed) {
    try {
      List<BlobId> kept = new ArrayList<>();
      for (BlobId blob : freed) {
        if (!unbooked.containsKey(blob)
            && !store.isReferenced(blob)
            && !blobs.deleteUnlessAsked(blob, BlobStore.NEVER)) {
          kept.add(blob);
        }
      }
      // Until now they were in use.
      blobs.missing(kept);
    } catch (IOException e) {
      LOG.warn("Files that nobody uses any more stay behind: {}", Reason.of(e));
    }
  }

  /** Removes results that an earlier run did not come to refer to; before anything else. */
  void sweepAll() throws IOException {
    List<BlobId> all = new ArrayList<>();
    blobs.forEach(blob -> all.add(blob.id()));
    for (BlobId blob : all) {
      if (!store.isReferenced(blob)) {
        blobs.deleteUnlessAsked(blob, BlobStore.NEVER);
      }
    }
  }
}
