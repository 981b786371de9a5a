package io.blendnet.agent;

import io.blendnet.protocol.WorkReport;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of an agent that has time for it: it takes no further lease, gives back what it cannot
 * deliver, and goes on until the rest is fetched or the time is over.
 */
final class OrderlyEnd {
  private static final Logger LOG = LoggerFactory.getLogger(OrderlyEnd.class);
  private static final Duration LOOK = Duration.ofMillis(100);

  private final EndNotice notice;
  private final LeaseDesk desk;
  private final Worker worker;
  private final DeliveryShelf shelf;
  private final ReportLog reports;
  private volatile boolean cutShort;

  OrderlyEnd(
      EndNotice notice, LeaseDesk desk, Worker worker, DeliveryShelf shelf, ReportLog reports) {
    this.notice = notice;
    this.desk = desk;
    this.worker = worker;
    this.shelf = shelf;
    this.reports = reports;
  }

  /**
   * Gives notice, and returns when nothing is left to be delivered or the notice is over. A notice
   * that was given before stands.
   *
   * @param reason a sentence for the user
   */
  void await(String reason, Duration length) throws InterruptedException {
    if (notice.give(length)) {
      LOG.info("The agent is about to end, in {} s at the latest: {}", length.toSeconds(), reason);
      desk.close();
      boolean hasWork = !desk.isDone() || shelf.count() > 0;
      reports.tell(new WorkReport.Terminating(reason, length));
      if (!hasWork) {
        return;
      }
      worker.returnWhatIsLate();
    }
    while (!isDelivered() && notice.leftForWork().orElseThrow().isPositive()) {
      shelf.awaitRemoval(LOOK);
    }
    if (!cutShort && !desk.isDone()) {
      desk.returnAll();
      worker.endStep();
    }
    while (!isDelivered() && notice.left().orElseThrow().isPositive()) {
      shelf.awaitRemoval(LOOK);
    }
    if (!isDelivered()) {
      LOG.warn(
          "The agent ends with {} results that nobody has fetched; its reports are {} read",
          shelf.count(),
          reports.isRead() ? "all" : "not all");
    }
  }

  private boolean isDelivered() {
    return cutShort || (desk.isDone() && shelf.count() == 0 && reports.isRead());
  }

  /** Whoever waits for the end waits no longer. */
  void cutShort() {
    cutShort = true;
  }
}
