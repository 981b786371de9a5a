package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.exr.CellCheck;
import io.blendnet.exr.ExrFormatException;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.HeldLease;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkReport.DeliveryInfo;
import io.blendnet.storage.spi.AgentRow;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.DeliveryRow;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Manager's line to one agent: attaches to it, sends its leases, takes its reports, fetches its
 * deliveries. Leases go out in the order in which they were granted. Thread-safe.
 */
final class AgentLink implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentLink.class);
  private static final Duration REPORT_WAIT = Duration.ofSeconds(10);

  /** Polls that fail in a row until the agent counts as gone. */
  private static final int MOST_FAILED_POLLS = 3;

  private static final Duration POLL_RETRY = Duration.ofMillis(300);
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  private final AgentRow row;
  private final AgentClient client;
  private final AgentClient poll;
  private final FarmLoop loop;
  private final LeaseOrders orders;
  private final Deliveries deliveries;
  private final ExecutorService sender =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("leases-", 0).factory());
  private final ExecutorService fetcher =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("deliveries-", 0).factory());

  /** Leases that were sent and whose end was not reported. */
  private final Map<LeaseId, Lease> sent = new ConcurrentHashMap<>();

  /** Blobs that the agent is known to have; emptied when it starts anew. */
  private final Set<BlobId> present = ConcurrentHashMap.newKeySet();

  private final Thread thread;
  private volatile String activity = "";
  private volatile Optional<String> error = Optional.of("not reached yet");
  private volatile boolean closing;

  AgentLink(
      AgentRow row,
      AgentClient client,
      AgentClient poll,
      FarmLoop loop,
      LeaseOrders orders,
      Deliveries deliveries) {
    this.row = row;
    this.client = client;
    this.poll = poll;
    this.loop = loop;
    this.orders = orders;
    this.deliveries = deliveries;
    this.thread = Thread.ofVirtual().name("agent-" + row.name()).unstarted(this::run);
  }

  /** Begins, once others can find this line. */
  void start() {
    thread.start();
  }

  AgentRow row() {
    return row;
  }

  AgentClient client() {
    return client;
  }

  /** What the agent is doing, in words; empty when nothing. */
  String activity() {
    return sent.isEmpty() ? "" : activity;
  }

  /** Why the agent cannot be used; empty while it can. */
  Optional<String> error() {
    return error;
  }

  /** Queues a lease for sending. */
  void send(Lease lease) {
    sent.put(lease.id(), lease);
    execute(sender, lease, () -> sendNow(lease));
  }

  /** Queues the cancelling of a lease. */
  void cancel(Lease lease) {
    sent.remove(lease.id());
    execute(sender, lease, () -> cancelNow(lease));
  }

  private void cancelNow(Lease lease) {
    try {
      client.cancelLease(lease.id(), lease.attempt());
    } catch (FarmException e) {
      LOG.info("Agent {} could not be told to drop lease {}: {}", name(), lease.id(), Reason.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets go of the agent, after telling it to drop what it has. */
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    List.copyOf(sent.values()).forEach(this::cancel);
    sender.shutdown();
    fetcher.shutdown();
    try {
      if (!sender.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.info("Agent {} was not told to drop its leases", name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    fetcher.shutdownNow();
    client.close();
    poll.close();
  }

  /** Runs something about a lease on a queue; where that fails by a bug, the lease fails. */
  private void execute(ExecutorService queue, Lease lease, Runnable action) {
    try {
      queue.execute(() -> {
        try {
          action.run();
        } catch (RuntimeException e) {
          LOG.error("Lease {} of agent {} met a bug", lease.id(), name(), e);
          failed(lease, FailureKind.LINK, "The Manager met a bug: " + Reason.of(e));
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("The line to agent {} is closed", name());
    }
  }

  private AgentName name() {
    return row.name();
  }

  private void run() {
    Duration pause = FIRST_RETRY;
    while (!closing) {
      try {
        AttachedAgent attached = client.attach();
        dropAll(attached);
        pause = FIRST_RETRY;
        serve(attached);
      } catch (InterruptedException e) {
        return;
      } catch (IOException e) {
        away(Reason.of(e));
      } catch (RuntimeException e) {
        LOG.error("The line to agent {} met a bug", name(), e);
        away("the Manager met a bug: " + Reason.of(e));
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
      pause = pause.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? pause.multipliedBy(2) : LAST_RETRY;
    }
  }

  /** What it was given before is open again here, and nobody waits for it. */
  private void dropAll(AttachedAgent attached) throws FarmException, InterruptedException {
    for (HeldLease held : attached.leases()) {
      client.cancelLease(new LeaseId(held.lease()), held.attempt());
    }
  }

  private void away(String reason) {
    if (error.isEmpty()) {
      LOG.warn("Agent {} is out of reach: {}", name(), reason);
      sent.clear();
      loop.tell(turn -> turn.decide(new FarmEvent.AgentLeft(name(), reason)));
    }
    error = Optional.of(reason);
  }

  /** Takes reports until the agent is out of reach. */
  private void serve(AttachedAgent attached) throws IOException, InterruptedException {
    present.clear();
    error = Optional.empty();
    LOG.info("Agent {} is there: {} cores", name(), attached.cores());
    loop.apply(turn -> {
      if (!closing) {
        turn.decide(new FarmEvent.AgentJoined(name(), attached.cores()));
      }
    });
    long after = attached.lastReport();
    while (!closing) {
      ReportPage page = reportsAfter(after);
      if (!page.boot().equals(attached.boot())) {
        away("it started anew");
        return;
      }
      page.reports().forEach(this::take);
      after = page.last();
    }
  }

  private ReportPage reportsAfter(long after) throws IOException, InterruptedException {
    for (int failures = 1; ; failures++) {
      try {
        return poll.reports(after, REPORT_WAIT);
      } catch (FarmException.NotReachable e) {
        if (failures == MOST_FAILED_POLLS) {
          throw e;
        }
        Thread.sleep(POLL_RETRY.multipliedBy(failures));
      }
    }
  }

  private void take(WorkReport report) {
    switch (report) {
      case WorkReport.OfLease ofLease -> take(ofLease);
      case WorkReport.Terminating terminating ->
          LOG.info("Agent {} is about to end: {}", name(), terminating.reason());
    }
  }

  private void take(WorkReport.OfLease report) {
    Optional<Lease> lease =
        Optional.ofNullable(sent.get(new LeaseId(report.lease())))
            .filter(known -> known.attempt() == report.attempt());
    switch (report) {
      case WorkReport.Activity now -> activity = now.text();
      // Lines come a moment after what they tell of, when the lease may be over.
      case WorkReport.Messages messages -> append(new TaskName(messages.task()), messages.lines());
      case WorkReport.Opened opened -> lease.ifPresent(known -> opened(known, opened.facts()));
      case WorkReport.Rendered rendered ->
          lease.ifPresentOrElse(
              known -> execute(fetcher, known, () -> fetchCell(known, rendered)),
              () -> giveUpLater(rendered.delivery()));
      case WorkReport.Composed composed ->
          lease.ifPresentOrElse(
              known -> execute(fetcher, known, () -> fetchPicture(known, composed)),
              () -> composed.files().forEach(file -> giveUpLater(file.delivery())));
      case WorkReport.Failed failed ->
          // Behind the cells that were rendered before the failure.
          lease.ifPresent(known -> execute(fetcher, known, () -> failed(known, failed)));
      case WorkReport.Returned returned ->
          LOG.info("Agent {} gives back {} cells", name(), returned.cells().size());
    }
  }

  private void opened(Lease lease, SceneFacts facts) {
    sent.remove(lease.id());
    submit(new FarmEvent.SceneOpened(name(), lease.id(), lease.attempt(), facts));
  }

  private void append(TaskName task, List<String> lines) {
    String work = name().value();
    loop.tell(turn -> {
      if (turn.row(task).isPresent()) {
        lines.forEach(line -> turn.message(task, work, line));
      }
    });
  }

  private void submit(FarmEvent event) {
    loop.tell(turn -> turn.decide(event));
  }

  private void failed(Lease lease, WorkReport.Failed failed) {
    append(lease.task(), failed.lines());
    failed(lease, failed.failure(), failed.message());
  }

  private void failed(Lease lease, FailureKind failure, String message) {
    sent.remove(lease.id());
    submit(new FarmEvent.LeaseFailed(name(), lease.id(), lease.attempt(), failure, message));
  }

  private void sendNow(Lease lease) {
    if (!sent.containsKey(lease.id())) {
      return;
    }
    try {
      LeaseOrder order = orders.of(lease);
      try {
        upload(orders.blobs(order));
        client.putLease(order);
      } catch (FarmException.Refused e) {
        if (!e.is(ErrorCode.BLOBS_MISSING)) {
          throw e;
        }
        // The agent has made room since we last asked.
        present.clear();
        upload(orders.blobs(order));
        client.putLease(order);
      }
    } catch (FarmException.Refused e) {
      failed(
          lease,
          e.status() == ErrorCode.STORAGE_FULL.status() ? FailureKind.MACHINE : FailureKind.LINK,
          Reason.of(e));
    } catch (FarmException e) {
      // It may have arrived all the same.
      cancel(lease);
      failed(lease, FailureKind.LINK, "the lease did not arrive: " + Reason.of(e));
    } catch (IOException e) {
      submit(
          new FarmEvent.TaskBroke(
              lease.task(), "The Manager cannot read what it stored: " + Reason.of(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void upload(Set<BlobId> wanted) throws IOException, InterruptedException {
    List<BlobId> unsure = new ArrayList<>(wanted);
    unsure.removeAll(present);
    if (unsure.isEmpty()) {
      return;
    }
    for (BlobId blob : client.missingBlobs(unsure)) {
      activity = "Receiving files";
      client.putBlob(blob, deliveries.blobs().file(blob), TransferProgress.NONE);
    }
    present.addAll(unsure);
  }

  private void fetchCell(Lease lease, WorkReport.Rendered rendered) {
    Optional<Cell> cell = cell(lease, rendered.cell());
    if (cell.isEmpty()) {
      giveUp(rendered.delivery());
      failed(lease, FailureKind.BLENDER, "delivered a cell that it was not asked for");
      return;
    }
    try {
      Blob blob =
          deliveries.fetch(
              client,
              rendered.delivery(),
              file ->
                  CellCheck.check(
                      file, rendered.rendered(), deliveries.samples(lease, cell.get())));
      loop.apply(turn -> arrived(turn, lease, cell.get(), rendered, blob.id()));
      if (lease.work() instanceof Lease.Render render
          && rendered.cell() == render.cells().size() - 1) {
        sent.remove(lease.id());
      }
    } catch (ExrFormatException e) {
      failed(lease, FailureKind.BLENDER, "delivered a result that cannot be used: " + Reason.of(e));
    } catch (FarmException e) {
      failed(lease, FailureKind.LINK, "a result did not arrive: " + Reason.of(e));
    } catch (IOException e) {
      cannotStore(lease, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    giveUp(rendered.delivery());
  }

  private void cannotStore(Lease lease, IOException cause) {
    submit(
        new FarmEvent.TaskBroke(
            lease.task(), "The Manager cannot store results. " + Reason.of(cause)));
  }

  private void arrived(Turn turn, Lease lease, Cell cell, WorkReport.Rendered rendered, BlobId blob)
      throws IOException {
    turn.decide(
        new FarmEvent.CellArrived(
            name(), lease.id(), lease.attempt(), rendered.cell(), rendered.timings()),
        new Turn.OnDelivery() {
          @Override
          public void kept() {
            deliveries.keep(turn, delivery(lease, cell, rendered, blob, turn));
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

  private DeliveryRow delivery(
      Lease lease, Cell cell, WorkReport.Rendered rendered, BlobId blob, Turn turn) {
    return new DeliveryRow(
        lease.task(),
        cell,
        rendered.rendered(),
        lease.id(),
        lease.attempt(),
        name(),
        blob,
        turn.now(),
        rendered.timings());
  }

  private void fetchPicture(Lease lease, WorkReport.Composed composed) {
    if (composed.files().isEmpty()) {
      failed(lease, FailureKind.BLENDER, "composed, but wrote no picture");
      return;
    }
    List<TaskNotes.Output> outputs = new ArrayList<>();
    try {
      for (WorkReport.ComposedFile file : composed.files()) {
        Blob blob = deliveries.fetch(client, file.delivery(), _ -> {});
        outputs.add(
            new TaskNotes.Output(
                file.path(), file.contentType(), blob.id().sha256(), blob.sha1(), blob.size()));
      }
      loop.apply(turn -> composed(turn, lease, outputs, composed.warnings()));
      sent.remove(lease.id());
    } catch (FarmException e) {
      failed(lease, FailureKind.LINK, "the picture did not arrive: " + Reason.of(e));
    } catch (IOException e) {
      cannotStore(lease, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    composed.files().forEach(file -> giveUp(file.delivery()));
  }

  /** Books the picture where the lease that made it is live. */
  private void composed(
      Turn turn, Lease lease, List<TaskNotes.Output> outputs, List<String> warnings)
      throws IOException {
    turn.decide(new FarmEvent.PictureArrived(name(), lease.id(), lease.attempt()));
    boolean completed =
        turn.row(lease.task()).filter(row -> row.state() == TaskState.COMPLETED).isPresent();
    if (completed) {
      deliveries.composed(turn, lease, outputs, warnings);
    } else {
      deliveries.discard(turn, outputs.stream().map(output -> new BlobId(output.blob())).toList());
    }
  }

  private void giveUpLater(DeliveryInfo delivery) {
    try {
      fetcher.execute(() -> giveUp(delivery));
    } catch (RejectedExecutionException e) {
      LOG.debug("The line to agent {} is closed", name());
    }
  }

  private void giveUp(DeliveryInfo delivery) {
    try {
      client.deleteDelivery(delivery.id());
    } catch (FarmException e) {
      LOG.info("Agent {} keeps a delivery that is stored: {}", name(), Reason.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
