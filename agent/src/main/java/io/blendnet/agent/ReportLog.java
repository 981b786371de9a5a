package io.blendnet.agent;

import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.WorkReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The reports to the Manager, numbered from 1, in memory. Asking for those after number N says that
 * all up to N have arrived. What a Manager that starts anew has to know is kept even then: each
 * report whose delivery is still here, and how the latest leases ended. Activity and messages are
 * the first to go. Thread-safe.
 */
final class ReportLog implements WorkSink {
  /** Activity and messages that nobody has read. */
  private static final int MOST_PASSING = 1_000;

  /**
   * Reports that have been read and have no delivery: that a scene is open, that a lease failed or
   * gave cells back.
   */
  private static final int MOST_READ = 400;

  /** Of all kinds: only a Manager that gives leases and never reads comes so far. */
  private static final int MOST = 20_000;

  /** Previews in memory; the oldest are left out of their reports beyond. */
  private static final long MOST_PREVIEW_CHARACTERS = 64L << 20;

  private static final int PAGE_REPORTS = 500;
  private static final int PAGE_PREVIEW_CHARACTERS = 4 << 20;

  private final String boot = UUID.randomUUID().toString();
  private final Predicate<String> onShelf;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final NavigableMap<Long, WorkReport> reports = new TreeMap<>();
  private int passing;
  private long previewCharacters;
  private long last;
  private long arrivedUpTo;
  private long sentHome;
  private boolean closed;

  /**
   * @param onShelf whether a delivery is still to be fetched
   */
  ReportLog(Predicate<String> onShelf) {
    this.onShelf = onShelf;
  }

  /** Changes with every start of the agent. */
  String boot() {
    return boot;
  }

  /** Number of the newest report; 0 before the first. */
  long newest() {
    lock.lock();
    try {
      return last;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void take(WorkReport.OfLease report) {
    add(report);
  }

  /** Says something that belongs to no lease. */
  void tell(WorkReport.Terminating report) {
    add(report);
  }

  private void add(WorkReport report) {
    lock.lock();
    try {
      last++;
      reports.put(last, report);
      if (isPassing(report)) {
        passing++;
        if (passing > MOST_PASSING) {
          removeOldestPassing();
        }
      }
      previewCharacters += preview(report);
      leaveOutOldPreviews();
      if (reports.size() > MOST) {
        remove(leastNeeded());
      }
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The reports after a number; waits for one where there is none. A number that has not been given
   * out is from before the agent's latest start: then all reports come, at once.
   *
   * @param wait at least 0
   */
  ReportPage read(long after, Duration wait) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (after > last) {
        return page(0);
      }
      arrivedUpTo = Math.max(arrivedUpTo, after);
      forgetRead(after);
      arrived.signalAll();
      long nanos = wait.toNanos();
      long before = sentHome;
      while (last <= after && nanos > 0 && !closed && sentHome == before) {
        nanos = arrived.awaitNanos(nanos);
      }
      return page(after);
    } finally {
      lock.unlock();
    }
  }

  /** Whether somebody waits for reports now. */
  boolean isWaitedFor() {
    lock.lock();
    try {
      return lock.hasWaiters(arrived);
    } finally {
      lock.unlock();
    }
  }

  /** Whether all reports have arrived. */
  boolean isRead() {
    lock.lock();
    try {
      return arrivedUpTo >= last;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The reports that a Manager still needs its leases for: whose delivery is to be fetched or given
   * up, or that tell of a failure and have not arrived.
   */
  List<WorkReport.OfLease> awaited() {
    lock.lock();
    try {
      return reports.entrySet().stream()
          .filter(entry ->
              isToBeFetched(entry.getValue())
                  || (entry.getValue() instanceof WorkReport.Failed
                      && entry.getKey() > arrivedUpTo))
          .map(Map.Entry::getValue)
          .filter(WorkReport.OfLease.class::isInstance)
          .map(WorkReport.OfLease.class::cast)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** Answers whoever waits for reports, at once. */
  void sendHome() {
    lock.lock();
    try {
      sentHome++;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends everybody home who waits for reports, now and later. */
  void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private ReportPage page(long after) {
    List<WorkReport> page = new ArrayList<>();
    long lastOfPage = after;
    int characters = 0;
    for (Map.Entry<Long, WorkReport> entry : reports.tailMap(after, false).entrySet()) {
      if (page.size() >= PAGE_REPORTS || characters >= PAGE_PREVIEW_CHARACTERS) {
        break;
      }
      page.add(entry.getValue());
      lastOfPage = entry.getKey();
      characters += preview(entry.getValue());
    }
    return new ReportPage(boot, lastOfPage, page);
  }

  private void forgetRead(long after) {
    Iterator<WorkReport> read = reports.headMap(after, true).descendingMap().values().iterator();
    int kept = 0;
    while (read.hasNext()) {
      WorkReport report = read.next();
      boolean keep =
          switch (report) {
            case WorkReport.Activity _, WorkReport.Messages _ -> false;
            case WorkReport.Rendered _, WorkReport.Composed _ -> isToBeFetched(report);
            case WorkReport.Opened _,
                WorkReport.Failed _,
                WorkReport.Returned _,
                WorkReport.Terminating _ -> {
              kept++;
              yield kept <= MOST_READ;
            }
          };
      if (!keep) {
        read.remove();
        forget(report);
      }
    }
  }

  /** The agent may be without its Manager for long, and previews are large. */
  private void leaveOutOldPreviews() {
    if (previewCharacters <= MOST_PREVIEW_CHARACTERS) {
      return;
    }
    for (Map.Entry<Long, WorkReport> entry : reports.entrySet()) {
      if (previewCharacters <= MOST_PREVIEW_CHARACTERS / 2) {
        return;
      }
      if (entry.getValue() instanceof WorkReport.Rendered rendered) {
        previewCharacters -= preview(rendered);
        entry.setValue(withoutPreview(rendered));
      }
    }
  }

  private static WorkReport.Rendered withoutPreview(WorkReport.Rendered report) {
    return new WorkReport.Rendered(
        report.task(),
        report.lease(),
        report.attempt(),
        report.cell(),
        report.rendered(),
        report.delivery(),
        report.timings(),
        Optional.empty());
  }

  private static int preview(WorkReport report) {
    return report instanceof WorkReport.Rendered rendered
        ? rendered.preview().map(String::length).orElse(0)
        : 0;
  }

  /** The oldest that no delivery hangs on. */
  private Long leastNeeded() {
    return reports.entrySet().stream()
        .filter(entry -> !isToBeFetched(entry.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseGet(reports::firstKey);
  }

  private void removeOldestPassing() {
    reports.entrySet().stream()
        .filter(entry -> isPassing(entry.getValue()))
        .findFirst()
        .ifPresent(entry -> remove(entry.getKey()));
  }

  private void remove(Long number) {
    WorkReport report = reports.remove(number);
    if (report != null) {
      forget(report);
    }
  }

  private void forget(WorkReport report) {
    previewCharacters -= preview(report);
    if (isPassing(report)) {
      passing--;
    }
  }

  private static boolean isPassing(WorkReport report) {
    return report instanceof WorkReport.Activity || report instanceof WorkReport.Messages;
  }

  private boolean isToBeFetched(WorkReport report) {
    return switch (report) {
      case WorkReport.Rendered rendered -> onShelf.test(rendered.delivery().id());
      case WorkReport.Composed composed ->
          composed.files().stream().anyMatch(file -> onShelf.test(file.delivery().id()));
      case WorkReport.Activity _,
          WorkReport.Messages _,
          WorkReport.Opened _,
          WorkReport.Failed _,
          WorkReport.Returned _,
          WorkReport.Terminating _ ->
          false;
    };
  }
}
