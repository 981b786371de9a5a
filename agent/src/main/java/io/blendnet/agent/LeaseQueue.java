package io.blendnet.agent;

import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkStep;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Leases that wait for the worker: first in, first out. Thread-safe. */
final class LeaseQueue {
  /** What became of an order. */
  enum Entry {
    /** It waits now. */
    ADDED,
    /** The same order came before. */
    KNOWN,
    /** Another order came under this number. */
    CONTRADICTS,
    /** Too many wait. */
    FULL
  }

  /** So many ended leases are remembered, so that sending one again does not render it again. */
  private static final int REMEMBERED = 10_000;

  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<TakenLease> waiting = new ArrayDeque<>();

  /** What was ordered, by a hash of the order: scenes of many files would fill the memory. */
  private final Map<LeaseKey, Integer> known = new LinkedHashMap<>();

  LeaseQueue(int limit) {
    this.limit = limit;
  }

  /** Whether an order came before, in the same words or in others. */
  Optional<Entry> recall(LeaseOrder order) {
    lock.lock();
    try {
      return Optional.ofNullable(known.get(LeaseKey.of(order)))
          .map(hash -> hash == order.hashCode() ? Entry.KNOWN : Entry.CONTRADICTS);
    } finally {
      lock.unlock();
    }
  }

  Entry add(TakenLease lease) {
    lock.lock();
    try {
      Optional<Entry> before = recall(lease.order());
      if (before.isPresent()) {
        return before.get();
      }
      if (waiting.size() >= limit) {
        return Entry.FULL;
      }
      known.put(lease.key(), lease.order().hashCode());
      forgetOldest();
      waiting.add(lease);
      changed.signalAll();
      return Entry.ADDED;
    } finally {
      lock.unlock();
    }
  }

  private void forgetOldest() {
    if (known.size() > REMEMBERED) {
      var oldest = known.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /**
   * Waits for a lease.
   *
   * @return nothing when none came within the time
   */
  Optional<TakenLease> take(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = patience.toNanos();
      while (waiting.isEmpty() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return Optional.ofNullable(waiting.poll());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a waiting lease out that composes a picture of a scene. It goes before the cells of other
   * frames: whoever waits for the picture should not wait for those too.
   */
  Optional<TakenLease> takeComposing(SceneOrder scene) {
    lock.lock();
    try {
      Optional<TakenLease> composing =
          waiting.stream()
              .filter(lease -> lease.order().scene().equals(scene))
              .filter(lease ->
                  lease.order().steps().stream().allMatch(WorkStep.Compose.class::isInstance))
              .findFirst();
      composing.ifPresent(waiting::remove);
      return composing;
    } finally {
      lock.unlock();
    }
  }

  /** A lease whose steps are to be taken once more is taken next. */
  void putBack(TakenLease lease) {
    lock.lock();
    try {
      waiting.addFirst(lease);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The leases that wait, in the order in which they are taken. */
  List<TakenLease> waiting() {
    lock.lock();
    try {
      return List.copyOf(waiting);
    } finally {
      lock.unlock();
    }
  }

  /** The lease that is taken next. */
  Optional<TakenLease> next() {
    lock.lock();
    try {
      return Optional.ofNullable(waiting.peek());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a lease out that waits.
   *
   * @return false when the worker has it
   */
  boolean remove(TakenLease lease) {
    lock.lock();
    try {
      return waiting.remove(lease);
    } finally {
      lock.unlock();
    }
  }
}
