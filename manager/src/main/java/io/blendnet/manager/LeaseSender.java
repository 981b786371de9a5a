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
import io.blendnet.protocol.TransferProgress;
import io.blendnet.storage.spi.BlobStore;
import java.io.Closeable;
import java.io.IOException;
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
 * was decided. Thread-safe.
 */
final class LeaseSender implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseSender.class);
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private static final Duration STEAL_RETRY = Duration.ofMillis(500);

  private final AgentName name;
  private final AgentClient client;
  private final FarmLoop loop;
  private final LeaseOrders orders;
  private final BlobStore blobs;
  private final BooleanSupplier isHere;
  private final Consumer<String> activity;
  private final ExecutorService line =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("leases-", 0).factory());

  /** Leases that were revoked before they were sent. */
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
    queue(() -> {
      if (!revoked.remove(lease.id())) {
        sendGuarded(lease);
      }
    });
  }

  /** Queues the cancelling of a lease. */
  void cancel(LeaseId lease, int attempt) {
    revoked.add(lease);
    queue(() -> {
      if (revoked.remove(lease)) {
        cancelNow(lease, attempt);
      }
    });
  }

  /** Queues taking cells back. */
  void steal(Effect.Steal steal) {
    queue(() -> stealNow(steal));
  }

  private void queue(Runnable action) {
    try {
      line.execute(action);
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

  private void sendGuarded(Lease lease) {
    try {
      sendNow(lease);
    } catch (RuntimeException e) {
      LOG.error("Lease {} for agent {} met a bug", lease.id(), name, e);
      cancel(lease.id(), lease.attempt());
      fails(lease, FailureKind.LINK, "The Manager met a bug: " + Reason.of(e));
    }
  }

  private void sendNow(Lease lease) {
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
      fails(
          lease,
          e.status() == ErrorCode.STORAGE_FULL.status() ? FailureKind.MACHINE : FailureKind.LINK,
          Reason.of(e));
    } catch (FarmException e) {
      // It may have arrived all the same.
      cancel(lease.id(), lease.attempt());
      fails(lease, FailureKind.LINK, "the lease did not arrive: " + Reason.of(e));
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
      activity.accept("Receiving files");
      client.putBlob(blob, blobs.file(blob), TransferProgress.NONE);
    }
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
