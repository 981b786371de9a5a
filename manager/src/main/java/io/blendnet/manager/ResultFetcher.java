package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FrameCut;
import io.blendnet.domain.Lease;
import io.blendnet.domain.TaskState;
import io.blendnet.exr.ExrFormatException;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkReport.DeliveryInfo;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.DeliveryRow;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what one agent has finished, in the order in which it was reported. What cannot be
 * fetched while the agent is out of reach is reported again when it is back. Thread-safe.
 */
final class ResultFetcher implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ResultFetcher.class);

  /** Transfers that break in a row though the agent answers. */
  private static final int MOST_BREAKS = 5;

  /** More than agents remember: 20,000 reports. */
  static final int MOST_WAITING = 50_000;

  private static final Duration PAUSE_AFTER_BREAK = Duration.ofMillis(500);

  private final AgentName name;
  private final AgentClient client;
  private final FarmLoop loop;
  private final Deliveries deliveries;
  private final BooleanSupplier isHere;
  private final Consumer<Lease> cancel;
  private final ExecutorService line =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("deliveries-", 0).factory());

  private final AtomicInteger waiting = new AtomicInteger();

  /** Deliveries that are in line: a report may come again. */
  private final Set<String> inLine = ConcurrentHashMap.newKeySet();

  /**
   * @param isHere whether the agent answers, as far as is known
   * @param cancel tells the agent to drop a lease
   */
  ResultFetcher(
      AgentName name,
      AgentClient client,
      FarmLoop loop,
      Deliveries deliveries,
      BooleanSupplier isHere,
      Consumer<Lease> cancel) {
    this.name = name;
    this.client = client;
    this.loop = loop;
    this.deliveries = deliveries;
    this.isHere = isHere;
    this.cancel = cancel;
  }

  /**
   * Refuses to queue more.
   *
   * @throws ExcessException the agent reports more than any has to deliver
   */
  void checkBacklog() throws ExcessException {
    if (waiting.get() > MOST_WAITING) {
      throw new ExcessException(
          "reports results faster than it delivers them: %,d wait".formatted(waiting.get()));
    }
  }

  /** Queues a finished cell. */
  void cell(Lease lease, WorkReport.Rendered rendered) {
    if (inLine.add(rendered.delivery().id())) {
      queue(() -> {
        guard(lease, () -> fetchCell(lease, rendered));
        inLine.remove(rendered.delivery().id());
      });
    }
  }

  /** Queues a finished picture. */
  void picture(Lease lease, WorkReport.Composed composed) {
    queue(() -> guard(lease, () -> fetchPicture(lease, composed)));
  }

  /** Queues a failure, behind what was finished before it. */
  void failure(Lease lease, WorkReport.Failed failed) {
    queue(() -> fails(lease, failed.failure(), failed.message(), failed.lines()));
  }

  /** Queues telling the agent that a file is not wanted. */
  void unwanted(DeliveryInfo delivery) {
    queue(() -> giveUp(delivery));
  }

  private void queue(Runnable action) {
    waiting.incrementAndGet();
    try {
      line.execute(() -> {
        waiting.decrementAndGet();
        action.run();
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("The line to agent {} is closed", name);
    }
  }

  private interface Fetch {
    void run() throws IOException, InterruptedException;
  }

  private void guard(Lease lease, Fetch fetch) {
    try {
      fetch.run();
    } catch (ExrFormatException e) {
      spoiled(lease, "delivered a result that cannot be used: " + Reason.of(e));
    } catch (ExcessException e) {
      spoiled(lease, Reason.of(e));
    } catch (FarmException.BrokenAnswer e) {
      spoiled(lease, "a result did not arrive: " + Reason.of(e));
    } catch (FarmException e) {
      if (isHere.getAsBoolean()) {
        cancel.accept(lease);
        fails(lease, FailureKind.LINK, "a result did not arrive: " + Reason.of(e), List.of());
      }
    } catch (IOException e) {
      submit(
          new FarmEvent.TaskBroke(
              lease.task(), "The Manager cannot store results. " + Reason.of(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("Lease {} of agent {} met a bug", lease.id(), name, e);
      cancel.accept(lease);
      fails(lease, FailureKind.LINK, "The Manager met a bug: " + Reason.of(e), List.of());
    }
  }

  /** The agent goes on with a lease that it cannot be trusted with. */
  private void spoiled(Lease lease, String message) {
    cancel.accept(lease);
    fails(lease, FailureKind.BLENDER, message, List.of());
  }

  private void fails(Lease lease, FailureKind failure, String message, List<String> lines) {
    submit(new FarmEvent.LeaseFailed(name, lease.id(), lease.attempt(), failure, message, lines));
  }

  private void submit(FarmEvent event) {
    loop.tell(turn -> turn.decide(event));
  }

  private void fetchCell(Lease lease, WorkReport.Rendered rendered)
      throws IOException, InterruptedException {
    Optional<Cell> cell = cell(lease, rendered.cell());
    if (cell.isEmpty()) {
      giveUp(rendered.delivery());
      spoiled(lease, "delivered a cell that it was not asked for");
      return;
    }
    FrameCut cut = ((Lease.Render) lease.work()).cut();
    if (!rendered.rendered().equals(cut.rendered(cell.get()))) {
      giveUp(rendered.delivery());
      spoiled(lease, "delivered another part of the frame than it was asked for");
      return;
    }
    try {
      Optional<Deliveries.FetchedCell> fetched =
          fetching(() -> deliveries.fetchCell(client, lease, cell.get(), rendered));
      if (fetched.isEmpty()) {
        return;
      }
      loop.apply(turn -> arrived(turn, lease, cell.get(), rendered, fetched.get()));
    } catch (FarmException.Refused e) {
      if (!e.is(ErrorCode.DELIVERY_NOT_FOUND)) {
        throw e;
      }
      // The agent has lost it, or gave it up when it was told to drop the lease.
      submit(
          new FarmEvent.CellsReturned(name, lease.id(), lease.attempt(), Set.of(rendered.cell())));
      return;
    } catch (ExrFormatException | ExcessException e) {
      giveUp(rendered.delivery());
      throw e;
    }
    giveUp(rendered.delivery());
  }

  private interface Transfer<T> {
    T run() throws IOException, InterruptedException;
  }

  /** Tries again where a connection breaks; nothing comes where the agent is out of reach. */
  private <T> Optional<T> fetching(Transfer<T> transfer) throws IOException, InterruptedException {
    for (int breaks = 1; ; breaks++) {
      try {
        return Optional.of(transfer.run());
      } catch (FarmException.NotReachable e) {
        if (!isHere.getAsBoolean()) {
          return Optional.empty();
        }
        if (breaks == MOST_BREAKS) {
          throw e;
        }
        Thread.sleep(PAUSE_AFTER_BREAK.multipliedBy(breaks));
      }
    }
  }

  private void arrived(
      Turn turn,
      Lease lease,
      Cell cell,
      WorkReport.Rendered rendered,
      Deliveries.FetchedCell fetched)
      throws IOException {
    BlobId blob = fetched.blob().id();
    deliveries.letGo(blob);
    turn.decide(
        new FarmEvent.CellArrived(
            name,
            lease.id(),
            lease.attempt(),
            rendered.cell(),
            rendered.timings(),
            fetched.looks()),
        new Turn.OnDelivery() {
          @Override
          public void kept(int attempt) {
            deliveries.keep(turn, row(lease, attempt, cell, rendered, blob, turn));
          }

          @Override
          public void dropped() {
            deliveries.discard(turn, List.of(blob));
          }
        });
  }

  private static Optional<Cell> cell(Lease lease, int number) {
    return lease.work() instanceof Lease.Render render
            && number >= 0
            && number < render.cells().size()
        ? Optional.of(render.cells().get(number))
        : Optional.empty();
  }

  private DeliveryRow row(
      Lease lease, int attempt, Cell cell, WorkReport.Rendered rendered, BlobId blob, Turn turn) {
    return new DeliveryRow(
        lease.task(),
        cell,
        rendered.rendered(),
        lease.id(),
        attempt,
        name,
        blob,
        turn.now(),
        rendered.timings());
  }

  private void fetchPicture(Lease lease, WorkReport.Composed composed)
      throws IOException, InterruptedException {
    if (composed.files().isEmpty()) {
      spoiled(lease, "composed, but wrote no picture");
      return;
    }
    List<TaskNotes.Output> outputs = new ArrayList<>();
    List<BlobId> fetched = new ArrayList<>();
    boolean isWhole = false;
    try {
      deliveries.checkRoom(composed.files());
      for (WorkReport.ComposedFile file : composed.files()) {
        Optional<Blob> blob = fetching(() -> deliveries.fetch(client, file.delivery()));
        if (blob.isEmpty()) {
          return;
        }
        fetched.add(blob.get().id());
        outputs.add(
            new TaskNotes.Output(
                file.path(),
                file.contentType(),
                blob.get().id().sha256(),
                deliveries.sha1(blob.get()),
                blob.get().size()));
      }
      isWhole = true;
    } finally {
      if (!isWhole) {
        fetched.forEach(deliveries::letGo);
      }
    }
    loop.apply(turn -> {
      fetched.forEach(deliveries::letGo);
      composed(turn, lease, outputs, composed.warnings());
    });
    composed.files().forEach(file -> giveUp(file.delivery()));
  }

  /** Books the picture where it is what completes the task. */
  private void composed(
      Turn turn, Lease lease, List<TaskNotes.Output> outputs, List<String> warnings)
      throws IOException {
    boolean wasCompleted = isCompleted(turn, lease);
    turn.decide(new FarmEvent.PictureArrived(name, lease.id(), lease.attempt()));
    if (!wasCompleted && isCompleted(turn, lease)) {
      deliveries.composed(turn, lease, outputs, warnings);
    } else {
      deliveries.discard(turn, outputs.stream().map(output -> new BlobId(output.blob())).toList());
    }
  }

  private static boolean isCompleted(Turn turn, Lease lease) throws IOException {
    return turn.row(lease.task()).filter(row -> row.state() == TaskState.COMPLETED).isPresent();
  }

  private void giveUp(DeliveryInfo delivery) {
    try {
      client.deleteDelivery(delivery.id());
    } catch (FarmException e) {
      LOG.info("Agent {} keeps a delivery that is stored: {}", name, Reason.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is in line is left to the agent, which reports it again to whoever asks next. */
  @Override
  public void close() {
    line.shutdownNow();
  }
}
