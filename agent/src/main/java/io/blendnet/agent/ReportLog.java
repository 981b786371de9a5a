package io.blendnet.agent;

import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.WorkReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The reports to the Manager, numbered from 1, in memory. Asking for those after number N says that
 * all up to N have arrived. A report whose delivery nobody has fetched is kept even then, for a
 * Manager that starts anew; activity and messages are the first to go. Thread-safe.
 */
final class ReportLog implements WorkSink {
  /** Activity and messages that nobody has read. */
  private static final int MOST_PASSING = 1_000;

  /**
   * Reports that have been read and have no delivery: that a scene is open, that a lease failed.
   */
  private static final int MOST_READ = 200;

  /** Of all kinds: only a Manager that gives leases and never reads comes so far. */
  private static final int MOST = 20_000;

  private static final int PAGE_REPORTS = 500;
  private static final int PAGE_PREVIEW_CHARACTERS = 4 << 20;

  private final String boot = UUID.randomUUID().toString();
  private final Predicate<String> onShelf;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final NavigableMap<Long, WorkReport> reports = new TreeMap<>();
  private int passing;
  private long last;
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
      if (reports.size() > MOST) {
        remove(reports.firstKey());
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
      forgetRead(after);
      long nanos = wait.toNanos();
      while (last <= after && nanos > 0 && !closed) {
        nanos = arrived.awaitNanos(nanos);
      }
      return page(after);
    } finally {
      lock.unlock();
    }
  }

  /** Sends everybody home who waits for reports. */
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
      if (entry.getValue() instanceof WorkReport.Rendered rendered) {
        characters += rendered.preview().map(String::length).orElse(0);
      }
    }
    return new ReportPage(boot, lastOfPage, page);
  }

  private void forgetRead(long after) {
    Iterator<WorkReport> read = reports.headMap(after, true).descendingMap().values().iterator();
    int kept = 0;
    while (read.hasNext()) {
      WorkReport report = read.next();
      if (isPassing(report)) {
        passing--;
        read.remove();
      } else if (!isToBeFetched(report)) {
        kept++;
        if (kept > MOST_READ || report instanceof WorkReport.Rendered) {
          read.remove();
        }
      }
    }
  }

  private void removeOldestPassing() {
    reports.entrySet().stream()
        .filter(entry -> isPassing(entry.getValue()))
        .findFirst()
        .ifPresent(entry -> remove(entry.getKey()));
  }

  private void remove(Long number) {
    WorkReport report = reports.remove(number);
    if (report != null && isPassing(report)) {
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
