package io.blendnet.agent;

import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.WorkReport;

/**
 * A lease that the agent holds. After its last report (it failed, or was cancelled) nothing more is
 * heard of it. Thread-safe.
 */
final class TakenLease {
  private final LeaseOrder order;
  private final WorkSink sink;
  private boolean over;

  TakenLease(LeaseOrder order, WorkSink sink) {
    this.order = order;
    this.sink = sink;
  }

  LeaseOrder order() {
    return order;
  }

  LeaseKey key() {
    return LeaseKey.of(order);
  }

  /** Whether no further step may begin and no further result counts. */
  synchronized boolean isOver() {
    return over;
  }

  /**
   * Reports, unless the lease is over.
   *
   * @return whether it was reported
   */
  synchronized boolean report(WorkReport.OfLease report) {
    if (over) {
      return false;
    }
    sink.take(report);
    return true;
  }

  /** Reports for the last time, unless the lease is over already. */
  synchronized void fail(WorkReport.Failed failed) {
    if (report(failed)) {
      over = true;
    }
  }

  synchronized void cancel() {
    over = true;
  }

  @Override
  public String toString() {
    return "lease %d of task %s".formatted(order.lease(), order.task());
  }
}
