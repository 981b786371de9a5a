package io.blendnet.manager;

import io.blendnet.domain.Absence;
import io.blendnet.domain.AgentMachine;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.HeldLease;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.WorkReport;
import io.blendnet.storage.spi.AgentRow;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Manager's line to one agent: attaches to it, takes its reports, and notices when it is out of
 * reach. Thread-safe.
 */
final class AgentLink implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentLink.class);
  private static final Duration REPORT_WAIT = Duration.ofSeconds(5);

  /** So often in a row a machine says that nothing listens, until the process counts as gone. */
  private static final int REFUSALS_UNTIL_LOST = 3;

  private static final Duration FIRST_RETRY = Duration.ofMillis(300);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  /** An agent that does not wait when it has nothing to say is not asked without end. */
  private static final Duration PAUSE_AFTER_NOTHING = Duration.ofMillis(50);

  private static final int MOST_UNBOOKED = 20_000;

  private final AgentRow row;
  private final AgentClient client;
  private final AgentClient poll;
  private final FarmLoop loop;
  private final Map<String, AgentName> processes;
  private final LeaseSender sender;
  private final ResultFetcher fetcher;

  /** Leases whose reports are of interest. */
  private final Map<LeaseId, Lease> leases = new ConcurrentHashMap<>();

  /** Tasks that it was given work of: of others it has nothing to say. */
  private final GivenTasks given = new GivenTasks();

  /** Steps that reports have queued on the farm loop. */
  private final AtomicInteger unbooked = new AtomicInteger();

  private final Thread thread;
  private volatile String activity = "";
  private volatile Optional<String> error = Optional.of("not reached yet");
  private volatile boolean closing;
  private int refusals;

  /**
   * @param client for what may be tried again
   * @param poll whose failures tell that the agent is out of reach
   * @param processes which agents answer, by their process; shared by all lines
   */
  AgentLink(
      AgentRow row,
      AgentClient client,
      AgentClient poll,
      FarmLoop loop,
      Map<String, AgentName> processes,
      LeaseOrders orders,
      Deliveries deliveries) {
    this.row = row;
    this.client = client;
    this.poll = poll;
    this.loop = loop;
    this.processes = processes;
    this.sender =
        new LeaseSender(
            row.name(),
            client,
            loop,
            orders,
            deliveries.blobs(),
            this::isHere,
            doing -> activity = doing);
    this.fetcher =
        new ResultFetcher(
            row.name(),
            client,
            loop,
            deliveries,
            this::isHere,
            lease -> sender.cancel(lease.id(), lease.attempt()));
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
    return leases.isEmpty() ? "" : activity;
  }

  /** Why the agent cannot be used; empty while it can. */
  Optional<String> error() {
    return error;
  }

  private boolean isHere() {
    return error.isEmpty();
  }

  /** Queues a lease for sending. */
  void send(Lease lease) {
    leases.put(lease.id(), lease);
    given.add(lease.task());
    sender.send(lease);
  }

  /** Queues the cancelling of a lease. */
  void cancel(LeaseId lease, int attempt) {
    leases.remove(lease);
    sender.cancel(lease, attempt);
  }

  /** Nothing of a lease is of interest any more. */
  void forget(LeaseId lease) {
    leases.remove(lease);
  }

  /** Queues taking cells back. */
  void steal(Effect.Steal steal) {
    sender.steal(steal);
  }

  /** From now on nothing of the agent is taken in any more; at once. */
  void letGo() {
    closing = true;
    processes.values().removeIf(name()::equals);
  }

  /** Lets go of the agent, which goes on with what it has. */
  @Override
  public void close() {
    letGo();
    thread.interrupt();
    fetcher.close();
    sender.close();
    client.close();
    poll.close();
  }

  /** Lets go of the agent for good, after telling it to drop what it has. */
  void dismiss() {
    leases.values().forEach(lease -> sender.cancel(lease.id(), lease.attempt()));
    close();
  }

  private AgentName name() {
    return row.name();
  }

  private void run() {
    Duration pause = FIRST_RETRY;
    while (!closing) {
      try {
        AttachedAgent attached = ReportBounds.within(poll.attach());
        requireOneName(attached);
        refusals = 0;
        // Before the farm counts on it: one that is not to be believed never joins. From the
        // beginning: what was reported and not fetched is reported again.
        ReportPage first = reports(0, Duration.ZERO);
        pause = FIRST_RETRY;
        serve(attached, first);
      } catch (InterruptedException e) {
        return;
      } catch (FarmException.NotReachable e) {
        refusals = e.nothingListens() ? refusals + 1 : 0;
        away(refusals == REFUSALS_UNTIL_LOST ? Absence.LOST : Absence.SILENT, Reason.of(e));
      } catch (ExcessException e) {
        away(Absence.SILENT, "it is not to be believed: it " + Reason.of(e));
      } catch (IOException e) {
        away(Absence.SILENT, Reason.of(e));
      } catch (RuntimeException e) {
        LOG.error("The line to agent {} met a bug", name(), e);
        away(Absence.SILENT, "the Manager met a bug: " + Reason.of(e));
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
      pause = pause.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? pause.multipliedBy(2) : LAST_RETRY;
    }
  }

  /** Each of two lines to one agent would drop what the other one ordered. */
  private void requireOneName(AttachedAgent attached) throws IOException {
    AgentName known = processes.putIfAbsent(attached.boot(), name());
    if (known != null && !known.equals(name())) {
      throw new IOException(
          "What answers at %s:%d is agent '%s' already; take one of the two out"
              .formatted(row.address(), row.port(), known));
    }
    processes
        .entrySet()
        .removeIf(entry ->
            entry.getValue().equals(name())
                && (closing || !entry.getKey().equals(attached.boot())));
  }

  private void away(Absence absence, String reason) {
    if (isHere()) {
      LOG.warn("Agent {} is out of reach: {}", name(), reason);
    }
    if (isHere() || absence == Absence.LOST) {
      loop.tell(turn -> turn.decide(new FarmEvent.AgentAway(name(), absence, reason)));
    }
    error = Optional.of(reason);
  }

  private ReportPage reports(long after, Duration wait) throws IOException, InterruptedException {
    checkBacklog();
    return ReportBounds.within(poll.reports(after, wait));
  }

  /** Takes reports, from the first page on, until the agent is out of reach. */
  private void serve(AttachedAgent attached, ReportPage first)
      throws IOException, InterruptedException {
    sender.joined();
    error = Optional.empty();
    LOG.info("Agent {} is there: {} cores", name(), attached.cores());
    loop.apply(turn -> {
      if (closing) {
        return;
      }
      // Before new leases are added to it.
      turn.after(() -> {
        leases.clear();
        for (Lease lease : turn.leasesOf(name())) {
          leases.put(lease.id(), lease);
          given.add(lease.task());
        }
      });
      turn.decide(
          new FarmEvent.AgentJoined(
              name(),
              new AgentMachine(attached.boot(), attached.cores(), attached.memory(), row.rented()),
              attached.leases().stream().map(AgentLink::held).toList()));
      if (attached.terminating()) {
        turn.decide(new FarmEvent.AgentTerminating(name(), "it has said so before"));
      }
    });
    for (ReportPage page = first; !closing; page = reports(page.last(), REPORT_WAIT)) {
      if (!page.boot().equals(attached.boot())) {
        away(Absence.SILENT, "it started anew");
        return;
      }
      page.reports().forEach(this::take);
      if (page.reports().isEmpty()) {
        Thread.sleep(PAUSE_AFTER_NOTHING);
      }
    }
  }

  /** While the store cannot be written nothing is booked, and little has to be. */
  private void checkBacklog() throws ExcessException {
    fetcher.checkBacklog();
    if (unbooked.get() > MOST_UNBOOKED) {
      throw new ExcessException(
          "reports faster than can be booked: %,d reports wait".formatted(unbooked.get()));
    }
  }

  private static HeldLease held(io.blendnet.protocol.HeldLease held) {
    Set<Integer> cells = new HashSet<>(held.cells());
    return new HeldLease(new LeaseId(held.lease()), held.attempt(), cells);
  }

  private void take(WorkReport report) {
    switch (report) {
      case WorkReport.OfLease ofLease -> take(ofLease);
      case WorkReport.Terminating terminating ->
          submit(new FarmEvent.AgentTerminating(name(), terminating.reason()));
    }
  }

  private void take(WorkReport.OfLease report) {
    LeaseId id = new LeaseId(report.lease());
    Optional<Lease> lease =
        Optional.ofNullable(leases.get(id)).filter(known -> known.attempt() == report.attempt());
    switch (report) {
      case WorkReport.Activity now -> activity = now.text();
      // Lines come a moment after what they tell of, when the lease may be over.
      case WorkReport.Messages messages ->
          given.find(messages.task()).ifPresent(task -> append(task, messages.lines()));
      case WorkReport.Opened opened -> lease.ifPresent(known -> opened(known, opened.facts()));
      case WorkReport.Rendered rendered ->
          lease.ifPresentOrElse(
              known -> fetcher.cell(known, rendered), () -> fetcher.unwanted(rendered.delivery()));
      case WorkReport.Composed composed -> {
        leases.remove(id);
        lease.ifPresentOrElse(
            known -> fetcher.picture(known, composed),
            () -> composed.files().forEach(file -> fetcher.unwanted(file.delivery())));
      }
      case WorkReport.Failed failed ->
          lease.ifPresent(known -> {
            leases.remove(id);
            append(known.task(), failed.lines());
            fetcher.failure(known, failed);
          });
      case WorkReport.Returned returned ->
          submit(
              new FarmEvent.CellsReturned(
                  name(), id, returned.attempt(), Set.copyOf(returned.cells())));
    }
  }

  private void opened(Lease lease, SceneFacts facts) {
    leases.remove(lease.id());
    submit(new FarmEvent.SceneOpened(name(), lease.id(), lease.attempt(), facts));
  }

  private void append(TaskName task, List<String> lines) {
    String work = name().value();
    List<String> admitted = given.admit(task, lines);
    tell(turn -> {
      if (turn.row(task).isPresent()) {
        admitted.forEach(line -> turn.message(task, work, line));
      }
    });
  }

  private void submit(FarmEvent event) {
    tell(turn -> turn.decide(event));
  }

  private void tell(FarmLoop.Change change) {
    unbooked.incrementAndGet();
    loop.tell(turn -> {
      unbooked.decrementAndGet();
      change.make(turn);
    });
  }
}
