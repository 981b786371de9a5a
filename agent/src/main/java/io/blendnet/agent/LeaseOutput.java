package io.blendnet.agent;

import io.blendnet.blender.BlenderLine;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.WorkReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What Blender prints during a lease, as reports: what it is doing, and lines for the task's
 * messages. At most two of each a second, and a bounded number of lines. Thread-safe.
 */
final class LeaseOutput implements Consumer<BlenderLine> {
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** Chatter beyond this many lines of a lease is left out, troubles are kept a while longer. */
  private static final int MOST_LINES = 200;

  private static final int MOST_TROUBLES = 400;
  private static final int LONGEST_LINE = 1_000;

  private final TakenLease lease;
  private final ScheduledExecutorService timer;
  private final List<String> lines = new ArrayList<>();
  private Optional<String> activity = Optional.empty();
  private Optional<Integer> cell = Optional.empty();
  private int taken;
  private long flushedAt = System.nanoTime() - PAUSE.toNanos();
  private boolean scheduled;

  LeaseOutput(TakenLease lease, ScheduledExecutorService timer) {
    this.lease = lease;
    this.timer = timer;
  }

  /** A step begins. */
  synchronized void begin(String doing, Optional<Integer> cellNumber) {
    cell = cellNumber;
    activity = Optional.of(doing);
    flushSoon();
  }

  @Override
  public synchronized void accept(BlenderLine line) {
    switch (line) {
      case BlenderLine.Sampling sampling ->
          activity =
              Optional.of("Sample %d of %d".formatted(sampling.sample(), sampling.samples()));
      case BlenderLine.Step step -> activity = Optional.of(shortened(step.step()));
      case BlenderLine.Saved _ -> {
        return;
      }
      case BlenderLine.Problem problem -> keep(problem.text(), MOST_TROUBLES);
      case BlenderLine.Other other -> keep(other.text(), MOST_LINES);
    }
    flushSoon();
  }

  /** Something for the user that Blender did not print itself. */
  synchronized void tell(List<String> sentences) {
    sentences.forEach(sentence -> keep(sentence, MOST_TROUBLES));
    flushSoon();
  }

  /** Reports what is there, at once. */
  synchronized void flush() {
    LeaseOrder order = lease.order();
    activity.ifPresent(doing ->
        lease.report(
            new WorkReport.Activity(order.task(), order.lease(), order.attempt(), doing, cell)));
    activity = Optional.empty();
    if (!lines.isEmpty()) {
      lease.report(
          new WorkReport.Messages(
              order.task(), order.lease(), order.attempt(), List.copyOf(lines)));
      lines.clear();
    }
    flushedAt = System.nanoTime();
  }

  private void keep(String text, int most) {
    if (text.isBlank() || taken > most) {
      return;
    }
    taken++;
    lines.add(
        taken == MOST_LINES ? "Further lines of this lease are left out" : shortened(text.strip()));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_LINE ? text : text.substring(0, LONGEST_LINE) + "...";
  }

  private void flushSoon() {
    if (scheduled) {
      return;
    }
    long due = flushedAt + PAUSE.toNanos() - System.nanoTime();
    if (due <= 0) {
      flush();
      return;
    }
    scheduled = true;
    try {
      var _ = timer.schedule(this::flushScheduled, due, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The agent ends, and nobody will ask for reports any more.
      scheduled = false;
    }
  }

  private synchronized void flushScheduled() {
    scheduled = false;
    flush();
  }
}
