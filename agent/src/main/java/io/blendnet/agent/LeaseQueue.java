package io.blendnet.agent;

import io.blendnet.protocol.LeaseOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Leases that wait, and the one being worked on: first in, first out. Thread-safe; one worker
 * takes.
 */
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
  private final Deque<HeldLease> waiting = new ArrayDeque<>();
  private Optional<HeldLease> current = Optional.empty();

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

  Entry add(HeldLease lease) {
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

  /** Waits for a lease; it is the current one until {@link #done}. */
  HeldLease take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        HeldLease next = waiting.poll();
        if (next == null) {
          changed.await();
        } else if (!next.isOver()) {
          current = Optional.of(next);
          return next;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** The worker has left the current lease. */
  void done() {
    lock.lock();
    try {
      current = Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  Optional<HeldLease> current() {
    lock.lock();
    try {
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** The lease that comes after the current one. */
  Optional<HeldLease> next() {
    lock.lock();
    try {
      return waiting.stream().filter(lease -> !lease.isOver()).findFirst();
    } finally {
      lock.unlock();
    }
  }

  Optional<HeldLease> find(LeaseKey key) {
    return held().stream().filter(lease -> lease.key().equals(key)).findFirst();
  }

  /** The current lease and those that wait, in order. */
  List<HeldLease> held() {
    lock.lock();
    try {
      List<HeldLease> held = new ArrayList<>();
      current.ifPresent(held::add);
      held.addAll(waiting);
      return held;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a lease that waited and was cancelled. */
  void remove(HeldLease lease) {
    lock.lock();
    try {
      waiting.remove(lease);
    } finally {
      lock.unlock();
    }
  }
}
