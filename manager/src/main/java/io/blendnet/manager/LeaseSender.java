package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Effect;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.storage.spi.BlobStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one agent its leases, takes cells back from it and cancels, all in the order in which it
 * was decided; but what concerns leases that the agent has does not wait for the files of those
 * that it is to have. Thread-safe.
 */
final class LeaseSender implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseSender.class);
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private static final Duration STEAL_RETRY = Duration.ofMillis(500);
  private static final int MOST_ATTEMPTS = 2;

  private final AgentName name;
  private final AgentClient client;
  private final FarmLoop loop;
  private final LeaseOrders orders;
  private final BlobStore blobs;
  private final BooleanSupplier isHere;
  private final Consumer<String> activity;
  private final ExecutorService line =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("leases-", 0).factory());

  /** The files of one lease after those of the other: the first can be begun the sooner. */
  private final ExecutorService supply =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("files-", 0).factory());

  /** Leases that were not sent yet. */
  private final Set<LeaseId> waiting = ConcurrentHashMap.newKeySet();

  /** Leases that were revoked, until somebody has seen to it. */
  private final Set<LeaseId> revoked = ConcurrentHashMap.newKeySet();

  /** Blobs that the agent is known to have; emptied when it joins. */
  private final Set<BlobId> present = ConcurrentHashMap.newKeySet();

  /**
   * @param isHere whether the agent answers, as far as is known
   * @param activity told what is done for the agent, in words
   */
  LeaseSender(
      AgentName name,
      AgentClient client,
      FarmLoop loop,
      LeaseOrders orders,
      BlobStore blobs,
      BooleanSupplier isHere,
      Consumer<String> activity) {
    this.name = name;
    this.client = client;
    this.loop = loop;
    this.orders = orders;
    this.blobs = blobs;
    this.isHere = isHere;
    this.activity = activity;
  }

  /** The agent has joined, perhaps for the first time: nothing is known of what it has. */
  void joined() {
    present.clear();
  }

  /** Queues a lease. */
  void send(Lease lease) {
    waiting.add(lease.id());
    queue(supply, () -> supply(lease, 1));
  }

  /** Queues the cancelling of a lease. */
  void cancel(LeaseId lease, int attempt) {
    revoked.add(lease);
    queue(
        line,
        () -> {
          // One that waits is not sent when its turn comes.
          if (!waiting.contains(lease) && revoked.remove(lease)) {
            cancelNow(lease, attempt);
          }
        });
  }

  /** Queues taking cells back; the lease that has them comes first. */
  void steal(Effect.Steal steal) {
    if (waiting.contains(steal.lease())) {
      queue(supply, () -> queue(line, () -> stealNow(steal)));
    } else {
      queue(line, () -> stealNow(steal));
    }
  }

  private void queue(ExecutorService where, Runnable action) {
    try {
      where.execute(action);
    } catch (RejectedExecutionException e) {
      LOG.debug("The line to agent {} is closed", name);
    }
  }

  private void cancelNow(LeaseId lease, int attempt) {
    try {
      client.cancelLease(lease, attempt);
    } catch (FarmException e) {
      LOG.info("Agent {} could not be told to drop lease {}: {}", name, lease, Reason.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Asks until it is answered or the agent is out of reach: an answer that was lost on the way must
   * not leave cells that nobody renders. When the agent is back it tells what it holds.
   */
  private void stealNow(Effect.Steal steal) {
    try {
      while (isHere.getAsBoolean()) {
        try {
          answered(steal, client.steal(steal.lease(), steal.attempt(), steal.cells()));
          return;
        } catch (FarmException.Refused e) {
          if (e.is(ErrorCode.LEASE_NOT_FOUND)) {
            // It is done with the lease; the reports are under way.
            answered(steal, Set.of());
          } else {
            LOG.warn("Agent {} gives nothing back: {}", name, Reason.of(e));
            answered(steal, Set.of());
          }
          return;
        } catch (FarmException e) {
          LOG.info("Agent {} does not say what it gives back: {}", name, Reason.of(e));
          Thread.sleep(STEAL_RETRY);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answered(Effect.Steal steal, Set<Integer> cells) {
    submit(new FarmEvent.CellsReturned(name, steal.lease(), steal.attempt(), cells));
  }

  /** Something on the way of a lease to the agent. */
  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Brings the agent what it lacks, then queues the lease.
   *
   * @param attempt how often this is done for the lease
   */
  private void supply(Lease lease, int attempt) {
    guard(
        lease,
        () -> {
          if (revoked.contains(lease.id())) {
            drop(lease);
            return;
          }
          LeaseOrder order = orders.of(lease);
          upload(orders.blobs(order));
          queue(line, () -> guard(lease, () -> send(lease, order, attempt)));
        });
  }

  private void send(Lease lease, LeaseOrder order, int attempt)
      throws FarmException, InterruptedException {
    if (revoked.contains(lease.id())) {
      drop(lease);
      return;
    }
    try {
      client.putLease(order);
      waiting.remove(lease.id());
    } catch (FarmException.Refused e) {
      if (!e.is(ErrorCode.BLOBS_MISSING) || attempt == MOST_ATTEMPTS) {
        throw e;
      }
      // The agent has made room since we last asked.
      present.clear();
      queue(supply, () -> supply(lease, attempt + 1));
    } catch (FarmException e) {
      // It may have arrived all the same.
      waiting.remove(lease.id());
      cancel(lease.id(), lease.attempt());
      fails(lease, FailureKind.LINK, "the lease did not arrive: " + Reason.of(e));
    }
  }

  /** Nothing of it has reached the agent. */
  private void drop(Lease lease) {
    waiting.remove(lease.id());
    revoked.remove(lease.id());
  }

  private void guard(Lease lease, Step step) {
    try {
      step.run();
    } catch (FarmException.Refused e) {
      drop(lease);
      fails(
          lease,
          e.status() == ErrorCode.STORAGE_FULL.status() ? FailureKind.MACHINE : FailureKind.LINK,
          Reason.of(e));
    } catch (FarmException e) {
      drop(lease);
      fails(lease, FailureKind.LINK, "its files did not arrive: " + Reason.of(e));
    } catch (IOException e) {
      drop(lease);
      submit(
          new FarmEvent.TaskBroke(
              lease.task(), "The Manager cannot read what it stored: " + Reason.of(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("Lease {} for agent {} met a bug", lease.id(), name, e);
      waiting.remove(lease.id());
      cancel(lease.id(), lease.attempt());
      fails(lease, FailureKind.LINK, "The Manager met a bug: " + Reason.of(e));
    }
  }

  /** Of what the agent lacks, several files at a time. */
  private void upload(Set<BlobId> wanted) throws IOException, InterruptedException {
    List<BlobId> unsure = new ArrayList<>(wanted);
    unsure.removeAll(present);
    if (unsure.isEmpty()) {
      return;
    }
    List<OfferedFile> files = new ArrayList<>();
    for (BlobId blob : unsure) {
      Path file = blobs.file(blob);
      files.add(new OfferedFile(file, blob, Files.size(file)));
    }
    client.sendFiles(
        files,
        (there, total) -> {
          if (there < total) {
            activity.accept("Receiving files, %d %%".formatted(100 * there / total));
          }
        });
    present.addAll(unsure);
  }

  private void fails(Lease lease, FailureKind failure, String message) {
    submit(
        new FarmEvent.LeaseFailed(name, lease.id(), lease.attempt(), failure, message, List.of()));
  }

  private void submit(FarmEvent event) {
    loop.tell(turn -> turn.decide(event));
  }

  /** Lets what is in line be said, for a moment. */
  @Override
  public void close() {
    supply.shutdownNow();
    line.shutdown();
    try {
      if (!line.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
        line.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
