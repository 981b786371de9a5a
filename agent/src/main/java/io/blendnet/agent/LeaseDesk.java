package io.blendnet.agent;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.HeldLease;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.WorkStep;
import io.blendnet.server.ApiException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Takes leases in and cancels them. Thread-safe.
 *
 * <p>A cancelled cell: Cycles cannot be interrupted quickly, and ending Blender costs opening the
 * scene again. So the cell in progress is let go on for as long as opening the scene took, and
 * ended then: whatever would have been the better choice, at most twice its time is lost. Where a
 * lease of another scene waits, which closes the session anyhow, it is ended at once. Its result is
 * dropped either way.
 */
final class LeaseDesk {
  /** What becomes of a scene that is being opened for a dead lease. */
  enum Opening {
    /** Whoever renders the scene next finds it open. */
    GOES_ON,
    ENDS
  }

  private static final Duration SHORTEST_PATIENCE = Duration.ofSeconds(1);

  private final LeaseQueue queue;
  private final BlobCache blobs;
  private final DeliveryShelf shelf;
  private final ScheduledExecutorService timer;
  private final Map<LeaseKey, TakenLease> held = new ConcurrentHashMap<>();
  private final EndedLeases ended = new EndedLeases();
  private volatile Optional<Worker> worker = Optional.empty();
  private volatile boolean closed;

  LeaseDesk(
      LeaseQueue queue, BlobCache blobs, DeliveryShelf shelf, ScheduledExecutorService timer) {
    this.queue = queue;
    this.blobs = blobs;
    this.shelf = shelf;
    this.timer = timer;
  }

  /** Leases go to this worker. */
  void serve(Worker taker) {
    worker = Optional.of(taker);
  }

  /**
   * Takes a lease in; one that came before changes nothing.
   *
   * @param sink where its reports go
   * @throws ApiException blobs are missing, another lease has this number, or the agent ends
   * @throws InvalidFieldException the order makes no sense
   */
  synchronized void order(LeaseOrder order, WorkSink sink) throws IOException {
    if (closed) {
      throw new ApiException(ErrorCode.UNAVAILABLE, "The agent is about to end");
    }
    check(order);
    if (isKnown(queue.recall(order), order)) {
      return;
    }
    Set<BlobId> needed = LeaseBlobs.of(order);
    blobs.retain(needed);
    boolean added = false;
    try {
      blobs.require(needed, "%d of the lease's %d blobs are missing here; upload them first");
      TakenLease lease = new TakenLease(order, sink);
      held.put(lease.key(), lease);
      LeaseQueue.Entry entry = queue.add(lease);
      added = entry == LeaseQueue.Entry.ADDED;
      if (entry == LeaseQueue.Entry.FULL) {
        held.remove(lease.key());
        throw new ApiException(
            ErrorCode.TOO_MANY_REQUESTS, "Too many leases wait here; send this one again later");
      }
      var _ = isKnown(Optional.of(entry), order);
    } finally {
      if (!added) {
        blobs.release(needed);
      }
    }
    endWhatHoldsUp();
  }

  private static void check(LeaseOrder order) {
    if (order.lease() < 1) {
      throw new InvalidFieldException("lease", "'lease' must be at least 1");
    }
    if (order.attempt() < 1) {
      throw new InvalidFieldException("attempt", "'attempt' must be at least 1");
    }
    Set<Integer> cells = new HashSet<>();
    for (WorkStep step : order.steps()) {
      if (step instanceof WorkStep.Render cell && !cells.add(cell.number())) {
        throw new InvalidFieldException(
            "steps", "'steps' has two cells of the number %d".formatted(cell.number()));
      }
      if (step instanceof WorkStep.Compose compose && !BlobId.isValid(compose.frameBlob())) {
        throw new InvalidFieldException(
            "frame_blob", "'frame_blob' must be a SHA-256 in lower-case hex");
      }
    }
    WorkspacePaths.check(order.scene());
  }

  private static boolean isKnown(Optional<LeaseQueue.Entry> entry, LeaseOrder order) {
    if (entry.equals(Optional.of(LeaseQueue.Entry.CONTRADICTS))) {
      throw new ApiException(
          ErrorCode.CONFLICT,
          "The lease %d was ordered before, in other words".formatted(order.lease()));
    }
    return entry.equals(Optional.of(LeaseQueue.Entry.KNOWN));
  }

  /** Cancels a lease. One that is not here any more has left nothing but deliveries. */
  void cancel(LeaseKey key, int attempt) {
    Optional<TakenLease> lease = Optional.ofNullable(held.get(key));
    if (lease.isPresent() && lease.get().order().attempt() != attempt) {
      return;
    }
    lease.ifPresent(TakenLease::cancel);
    shelf.removeOf(key);
    lease.ifPresent(this::abandon);
  }

  /**
   * Gives those of these cells back that have not been begun.
   *
   * @return what never will be begun, now or since an earlier call
   * @throws ApiException there is no such lease
   */
  Set<Integer> steal(LeaseKey key, int attempt, Collection<Integer> cells) {
    Optional<TakenLease> lease =
        Optional.ofNullable(held.get(key)).filter(known -> known.order().attempt() == attempt);
    if (lease.isPresent()) {
      Set<Integer> stolen = lease.get().giveBack(cells);
      endWhereDone(lease.get());
      return stolen;
    }
    Set<Integer> stolen = new TreeSet<>(cells);
    stolen.retainAll(
        ended
            .find(key, attempt)
            .orElseThrow(() ->
                new ApiException(
                    ErrorCode.LEASE_NOT_FOUND,
                    "There is no attempt %d of lease %d here".formatted(attempt, key.lease()))));
    return stolen;
  }

  /** A lease that waits and has no steps left need not be taken. */
  private void endWhereDone(TakenLease lease) {
    if (lease.isDone() && queue.remove(lease)) {
      left(lease);
    }
  }

  /** The leases of a farm with their cells that wait or are in work. */
  List<HeldLease> unfinishedOf(String farm) {
    return held.values().stream()
        .filter(lease -> lease.key().farm().equals(farm) && !lease.isDone())
        .map(lease ->
            new HeldLease(
                lease.order().task(),
                lease.order().lease(),
                lease.order().attempt(),
                lease.unfinishedCells()))
        .toList();
  }

  private void abandon(TakenLease lease) {
    if (queue.remove(lease)) {
      left(lease);
      return;
    }
    Duration patience =
        worker.flatMap(Worker::openingTime).orElse(Duration.ZERO).plus(SHORTEST_PATIENCE);
    try {
      var _ =
          timer.schedule(
              () -> endStep(lease, Opening.GOES_ON), patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      endStep(lease, Opening.GOES_ON);
    }
    endWhatHoldsUp();
  }

  private void endStep(TakenLease lease, Opening opening) {
    worker.ifPresent(taker -> taker.endStepOf(lease, opening));
  }

  /** A step of a dead lease does not hold up a lease of another scene. */
  private void endWhatHoldsUp() {
    Optional<TakenLease> next = queue.next();
    worker
        .flatMap(Worker::inProgress)
        .map(StepInProgress::lease)
        .filter(TakenLease::isOver)
        .filter(dead ->
            next.filter(waiting -> !waiting.order().scene().equals(dead.order().scene()))
                .isPresent())
        .ifPresent(dead -> endStep(dead, Opening.ENDS));
  }

  /** The worker is done with a lease, and what it rendered has been reported. */
  void left(TakenLease lease) {
    if (lease.next().isPresent()) {
      queue.putBack(lease);
      return;
    }
    ended.add(lease);
    if (!held.remove(lease.key(), lease)) {
      return;
    }
    blobs.release(LeaseBlobs.of(lease.order()));
    if (!lease.isOver()) {
      // The picture is made; frames are large, and nobody asks for this one again.
      LeaseBlobs.framesOf(lease.order()).forEach(blobs::discard);
    }
  }

  /** Whether no Manager waits for anything of a lease. */
  boolean isDone() {
    return held.values().stream().allMatch(lease -> lease.isDone() || isOwn(lease));
  }

  private static boolean isOwn(TakenLease lease) {
    return lease.key().farm().equals(StandAloneTasks.FARM);
  }

  /** Gives back whatever is not reported yet. */
  void returnAll() {
    held.values().forEach(TakenLease::returnAll);
  }

  /** Names of the tasks of all leases here, in no promised order. */
  List<String> tasks() {
    return held.values().stream()
        .filter(lease -> !lease.isOver())
        .map(lease -> lease.order().task())
        .distinct()
        .toList();
  }

  /** No further lease is taken in. */
  void close() {
    closed = true;
  }
}
