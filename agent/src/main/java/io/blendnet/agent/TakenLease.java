package io.blendnet.agent;

import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A lease that the agent has taken, and how far its steps are: each waits, then is in work, then is
 * reported; or it is given back while it waits. Both are decided here, one after the other, so that
 * no cell is given back and begun. After the lease's last report (it failed, or was cancelled)
 * nothing more is heard of it. Thread-safe.
 */
final class TakenLease {
  private final LeaseOrder order;
  private final WorkSink sink;
  private final List<WorkStep> waiting;
  private final List<WorkStep> inWork = new ArrayList<>();
  private final Set<Integer> givenBack = new TreeSet<>();
  private boolean over;

  TakenLease(LeaseOrder order, WorkSink sink) {
    this.order = order;
    this.sink = sink;
    this.waiting = new ArrayList<>(order.steps());
  }

  LeaseOrder order() {
    return order;
  }

  LeaseKey key() {
    return LeaseKey.of(order);
  }

  /** The steps that have not begun, in order; none where the lease is over. */
  synchronized List<WorkStep> waiting() {
    return over ? List.of() : List.copyOf(waiting);
  }

  /** Whether no further step may begin and no further result counts. */
  synchronized boolean isOver() {
    return over;
  }

  /** The step that is to begin next; absent where none is left or the lease is over. */
  synchronized Optional<WorkStep> next() {
    return over || waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.getFirst());
  }

  /** Whether somebody still waits for a step. */
  synchronized boolean wants(WorkStep step) {
    return !over && (waiting.contains(step) || inWork.contains(step));
  }

  /** Whether a step is still to be begun. */
  synchronized boolean awaits(WorkStep step) {
    return !over && waiting.contains(step);
  }

  /**
   * Begins a step. One that is in work already may go on.
   *
   * @return false: it was given back, or the lease is over; it must not be taken
   */
  synchronized boolean begin(WorkStep step) {
    if (over) {
      return false;
    }
    if (waiting.remove(step)) {
      inWork.add(step);
    }
    return inWork.contains(step);
  }

  /** A step that was begun is to be begun anew, before all others. */
  synchronized void beginAnew(WorkStep step) {
    if (!over && inWork.remove(step)) {
      waiting.addFirst(step);
    }
  }

  /**
   * Gives cells back that have not been begun; they never will be.
   *
   * @param cells numbers within the lease
   * @return those of them that are given back now or were before
   */
  synchronized Set<Integer> giveBack(Collection<Integer> cells) {
    take(waiting, step -> step instanceof WorkStep.Render cell && cells.contains(cell.number()));
    Set<Integer> stolen = new TreeSet<>(cells);
    stolen.retainAll(givenBack);
    return stolen;
  }

  /**
   * Gives steps back unasked and reports it.
   *
   * @param unwanted which of those that wait
   */
  synchronized void returnWaiting(Predicate<WorkStep> unwanted) {
    report(take(waiting, unwanted));
  }

  /** Gives back what is in work, unasked, and reports it: its result will not count. */
  synchronized void returnInWork() {
    report(take(inWork, _ -> true));
  }

  /** Gives back whatever is not reported yet, also what is in work: its result will not count. */
  synchronized void returnAll() {
    List<WorkStep> steps = take(waiting, _ -> true);
    steps.addAll(take(inWork, _ -> true));
    report(steps);
  }

  private List<WorkStep> take(List<WorkStep> from, Predicate<WorkStep> wanted) {
    List<WorkStep> taken = new ArrayList<>();
    for (Iterator<WorkStep> steps = from.iterator(); steps.hasNext(); ) {
      WorkStep step = steps.next();
      if (wanted.test(step)) {
        steps.remove();
        taken.add(step);
        number(step).ifPresent(givenBack::add);
      }
    }
    return taken;
  }

  private void report(List<WorkStep> returned) {
    if (!returned.isEmpty()) {
      var _ =
          report(
              new WorkReport.Returned(
                  order.task(), order.lease(), order.attempt(), numbers(returned)));
    }
  }

  /** Cells that were given back. */
  synchronized Set<Integer> givenBack() {
    return Set.copyOf(givenBack);
  }

  /** Cells that wait or are in work, in the order in which they come. */
  synchronized List<Integer> unfinishedCells() {
    List<WorkStep> steps = new ArrayList<>(inWork);
    steps.addAll(waiting);
    return over ? List.of() : numbers(steps);
  }

  /** Whether nothing more will be reported but what is going on around the steps. */
  synchronized boolean isDone() {
    return over || (waiting.isEmpty() && inWork.isEmpty());
  }

  private static List<Integer> numbers(List<WorkStep> steps) {
    return steps.stream().flatMap(step -> number(step).stream()).toList();
  }

  private static Optional<Integer> number(WorkStep step) {
    return step instanceof WorkStep.Render cell ? Optional.of(cell.number()) : Optional.empty();
  }

  /**
   * Reports, unless the lease is over, or it is the result of a step that was given back.
   *
   * @return whether it was reported
   */
  synchronized boolean report(WorkReport.OfLease report) {
    if (over || !finish(report)) {
      return false;
    }
    sink.take(report);
    return true;
  }

  private boolean finish(WorkReport.OfLease report) {
    return switch (report) {
      case WorkReport.Rendered rendered ->
          inWork.removeIf(step -> number(step).equals(Optional.of(rendered.cell())));
      case WorkReport.Opened _ -> inWork.removeIf(WorkStep.Open.class::isInstance);
      case WorkReport.Composed _ -> inWork.removeIf(WorkStep.Compose.class::isInstance);
      case WorkReport.Activity _,
          WorkReport.Failed _,
          WorkReport.Messages _,
          WorkReport.Returned _ ->
          true;
    };
  }

  /** Reports for the last time, unless the lease is over already or what failed was given back. */
  synchronized void fail(WorkReport.Failed failed) {
    boolean matters =
        failed.cell().isPresent() ? unfinishedCells().contains(failed.cell().get()) : !isDone();
    if (matters && report(failed)) {
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
