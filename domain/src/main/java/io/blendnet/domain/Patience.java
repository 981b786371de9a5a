package io.blendnet.domain;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * When a lease has taken too long. An agent ends a Blender that hangs by itself; this is for agents
 * that became slow, or that do not know better, so that they do not decide when a frame ends.
 */
final class Patience {
  /** Where others have nothing to do, a cell may take so many times what it should, and a while. */
  private static final double LATE_FACTOR = 4;

  private static final double LATE_SECONDS = 30;

  /** A place that was lost this often may simply be heavy: it is left to whoever renders it. */
  private static final int LOSSES_UNTIL_LEFT_ALONE = 3;

  private static final double HUNG_FACTOR = 20;
  private static final double HUNG_SECONDS = 600;

  /** Scenes may take long to load, and pictures to compose; agents have limits of their own. */
  private static final Duration OPENING_OR_COMPOSING = Duration.ofHours(2);

  private final Pace pace;

  Patience(Pace pace) {
    this.pace = pace;
  }

  /**
   * Why the first lease of an agent is to be taken from it.
   *
   * @param now up-time
   * @param othersIdle whether another agent could render it at once; asked where it matters
   */
  Optional<String> ends(AgentWork agent, Duration now, BooleanSupplier othersIdle) {
    Optional<LiveLease> first = agent.firstLease();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    Duration passed = now.minus(agent.latestProgress);
    if (seconds(passed) <= LATE_SECONDS) {
      return Optional.empty();
    }
    Optional<Cell> head = first.get().head();
    if (head.isEmpty()) {
      return passed.compareTo(OPENING_OR_COMPOSING) > 0
          ? Optional.of("did not get done in %d minutes".formatted(passed.toMinutes()))
          : Optional.empty();
    }
    TaskWork task = first.get().task;
    int losses = task.ledger.orElseThrow().losses(head.get());
    double expected = pace.seconds(agent, task, head.get());
    double grace = Math.scalb(1.0, losses);
    boolean isKnown = pace.knows(agent, task.spec.scene());
    boolean isLate =
        isKnown
            && losses < LOSSES_UNTIL_LEFT_ALONE
            && seconds(passed) > (LATE_SECONDS + LATE_FACTOR * expected) * grace
            && othersIdle.getAsBoolean();
    boolean hangs = seconds(passed) > (HUNG_SECONDS + HUNG_FACTOR * expected) * grace;
    return isLate || hangs
        ? Optional.of(
            "has been at cell %s for %d seconds, where about %d were expected"
                .formatted(head.get(), passed.toSeconds(), Math.round(expected)))
        : Optional.empty();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
