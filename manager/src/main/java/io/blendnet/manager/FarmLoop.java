package io.blendnet.manager;

import io.blendnet.domain.Farm;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FarmRules;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.server.UpTime;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.pcollections.PMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns all scheduling state. Steps queue up; the loop takes a batch of them,
 * commits what they changed in one transaction, and only then answers their callers and has the
 * effects done.
 */
final class FarmLoop implements Closeable {
  /** Something to be done on the loop's thread. What it throws goes to the caller. */
  interface Step<T> {
    T run(Turn turn) throws IOException;
  }

  /** A step without an answer. */
  interface Change {
    void make(Turn turn) throws IOException;
  }

  private record Waiting<T>(Step<T> step, CompletableFuture<T> answer) {
    /**
     * Runs the step; what is returned answers the caller once the batch is committed.
     *
     * @throws HalfDoneException it fails when the scheduler has decided already
     */
    Runnable run(Turn turn) throws HalfDoneException {
      int decisions = turn.decisions();
      try {
        T value = step.run(turn);
        return () -> answer.complete(value);
      } catch (IOException | RuntimeException e) {
        if (turn.decisions() > decisions) {
          throw new HalfDoneException(e);
        }
        answer.completeExceptionally(e);
        return () -> {};
      }
    }
  }

  /** Part of what was decided is not booked: memory tells something else than the store will. */
  private static final class HalfDoneException extends Exception {
    private static final long serialVersionUID = 1;

    HalfDoneException(Exception cause) {
      super(cause);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(FarmLoop.class);

  /** Larger ones are no cheaper a step, and those who wait for the first wait for all. */
  private static final int LARGEST_BATCH = 128;

  private static final Duration COMMIT_RETRY = Duration.ofMillis(500);

  /** Published clients give up after 3 seconds. */
  private static final int ATTEMPTS_UNTIL_TOLD = 5;

  private static final String NEXT_LEASE_KEY = "next-lease";

  /** Lease numbers are reserved in blocks, so that not every batch writes the counter. */
  private static final int LEASE_BLOCK = 1_000;

  private static final Set<TaskState> NOT_ENDED =
      EnumSet.complementOf(EnumSet.of(TaskState.COMPLETED, TaskState.ERROR));

  private final FarmStore store;
  private final FarmActions actions;
  private final InstantSource clock;
  private final Farm farm;
  private final BlockingQueue<Waiting<?>> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final UpTime upTime;
  private long reservedLeases;
  private volatile FarmSnapshot snapshot = FarmSnapshot.EMPTY;
  private final AtomicBoolean ticking = new AtomicBoolean();
  private volatile boolean closing;

  /** Why the store cannot be written; whoever would wait for it is told at once. */
  private volatile Optional<IOException> unwritable = Optional.empty();

  private final CompletableFuture<IOException> broken = new CompletableFuture<>();

  private FarmLoop(
      FarmStore store,
      FarmActions actions,
      FarmRules rules,
      InstantSource clock,
      LongSupplier nanoTime)
      throws IOException {
    this.upTime = new UpTime(nanoTime);
    this.store = store;
    this.actions = actions;
    this.clock = clock;
    this.reservedLeases = store.meta(NEXT_LEASE_KEY).map(Long::parseLong).orElse(1L);
    this.farm = new Farm(new LeaseId(reservedLeases), rules);
    this.thread = Thread.ofPlatform().name("farm-loop").unstarted(this::run);
  }

  /** Reads what has not ended from the store, and begins. */
  static FarmLoop start(
      FarmStore store,
      FarmActions actions,
      FarmRules rules,
      InstantSource clock,
      LongSupplier nanoTime)
      throws IOException {
    FarmLoop loop = new FarmLoop(store, actions, rules, clock, nanoTime);
    PMap<TaskName, TaskRow> rows = FarmSnapshot.EMPTY.rows();
    for (TaskRow row : TaskPages.read(store, NOT_ENDED, Integer.MAX_VALUE)) {
      rows = rows.plus(row.name(), row);
    }
    loop.publish(rows);
    loop.thread.start();
    return loop;
  }

  /** Queues a step. */
  private <T> CompletableFuture<T> submit(Step<T> step) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (closing) {
      answer.completeExceptionally(new IOException("The Manager is stopping"));
      return answer;
    }
    queue.add(new Waiting<>(step, answer));
    return answer;
  }

  /** Queues a change that nobody waits for; its failure is logged. */
  void tell(Change change) {
    var _ =
        submit(step(change))
            .exceptionally(failure -> {
              if (!closing) {
                LOG.error("A step of the farm loop failed", failure);
              }
              return null;
            });
  }

  /**
   * Queues a step and waits until what it changed is stored.
   *
   * @throws IOException what the step threw
   */
  <T> T call(Step<T> step) throws IOException {
    if (unwritable.isPresent()) {
      throw unwritable.get();
    }
    try {
      return submit(step).join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }

  /**
   * Queues a change and waits until it is stored.
   *
   * @throws IOException what the change threw
   */
  void apply(Change change) throws IOException {
    var _ = call(step(change));
  }

  private static Step<Boolean> step(Change change) {
    return turn -> {
      change.make(turn);
      return true;
    };
  }

  /** Tells the scheduler how much up-time has passed; to be called every second or so. */
  void tick() {
    if (!ticking.getAndSet(true)) {
      // While the store cannot be written no tick gets through, and no up-time passes.
      tell(turn -> {
        ticking.set(false);
        turn.decide(new FarmEvent.TimePassed(upTime.look()));
      });
    }
  }

  FarmSnapshot snapshot() {
    return snapshot;
  }

  /**
   * Completes, with the reason, when nothing can go on until the Manager is started again: what is
   * stored is right, what is in memory is not.
   */
  CompletionStage<IOException> broken() {
    return broken.minimalCompletionStage();
  }

  /** Why nothing goes on; empty while it does. */
  Optional<String> trouble() {
    return unwritable.map(Reason::of);
  }

  /** Ends after the steps that are queued; where the store cannot be written, without them. */
  @Override
  public void close() {
    closing = true;
    queue.add(new Waiting<>(_ -> "wake up", new CompletableFuture<>()));
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Waiting<?>> batch = new ArrayList<>();
    while (!(closing && queue.isEmpty())) {
      batch.clear();
      try {
        batch.add(queue.take());
        queue.drainTo(batch, LARGEST_BATCH - 1);
        take(batch);
      } catch (InterruptedException e) {
        LOG.warn("The farm loop was interrupted and ends");
        closing = true;
      } catch (IOException e) {
        fail(batch, e);
      } catch (HalfDoneException | RuntimeException | Error e) {
        breaks(batch, e);
      }
    }
    List<Waiting<?>> late = new ArrayList<>();
    queue.drainTo(late);
    fail(late, new IOException("The Manager is stopping"));
  }

  /** Memory is ahead of the store and cannot be trusted any more; what is stored can. */
  private void breaks(List<Waiting<?>> batch, Throwable cause) {
    LOG.error("The farm loop met a bug and ends; start the Manager again", cause);
    closing = true;
    var reason = new IOException("The Manager met a bug and must be started again", cause);
    unwritable = Optional.of(reason);
    broken.complete(reason);
    fail(batch, reason);
  }

  private static void fail(List<Waiting<?>> batch, IOException cause) {
    batch.forEach(waiting -> waiting.answer().completeExceptionally(cause));
  }

  private void take(List<Waiting<?>> batch)
      throws IOException, InterruptedException, HalfDoneException {
    Turn turn = new Turn(farm, store, actions, clock.instant(), snapshot.rows());
    List<Runnable> answers = new ArrayList<>();
    for (Waiting<?> waiting : batch) {
      answers.add(waiting.run(turn));
    }
    reserveLeases(turn);
    commit(turn.changes(), batch);
    turn.committed();
    publish(turn.rows());
    turn.runAfter();
    answers.forEach(Runnable::run);
  }

  private void reserveLeases(Turn turn) {
    if (farm.nextLease().value() > reservedLeases - LEASE_BLOCK / 2) {
      reservedLeases = farm.nextLease().value() + LEASE_BLOCK;
      turn.change(new StoreChange.PutMeta(NEXT_LEASE_KEY, Long.toString(reservedLeases)));
    }
  }

  /**
   * Memory is ahead of the store here: there is no way but to go on trying, which a disk with room
   * again lets succeed. Callers are told after a while; what they asked for is done then if it can
   * be.
   *
   * @throws IOException the store cannot be written and the Manager is stopping
   */
  private void commit(List<StoreChange> changes, List<Waiting<?>> batch)
      throws IOException, InterruptedException {
    for (int attempt = 1; !changes.isEmpty(); attempt++) {
      try {
        store.commit(changes);
        unwritable = Optional.empty();
        return;
      } catch (IOException e) {
        if (closing) {
          throw e;
        }
        if (attempt == 1) {
          LOG.error("The farm stands still until its store can be written: {}", Reason.of(e));
        }
        if (attempt == ATTEMPTS_UNTIL_TOLD) {
          unwritable = Optional.of(e);
          fail(batch, e);
        }
        Thread.sleep(COMMIT_RETRY);
      }
    }
  }

  private void publish(PMap<TaskName, TaskRow> rows) {
    snapshot = snapshot.with(rows, farm.changes());
  }
}
