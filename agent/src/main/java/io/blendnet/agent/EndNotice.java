package io.blendnet.agent;

import java.time.Duration;
import java.util.Optional;

/** Whether the agent is about to end, and when. Thread-safe. */
final class EndNotice {
  /** The last part of the notice: for telling what will not be done, and for fetching. */
  private static final Duration LONGEST_RESERVE = Duration.ofSeconds(3);

  private Optional<Long> deadline = Optional.empty();
  private Duration length = Duration.ZERO;

  /**
   * Gives notice.
   *
   * @return false: it was given before, and that one stands
   */
  synchronized boolean give(Duration until) {
    if (deadline.isPresent()) {
      return false;
    }
    deadline = Optional.of(System.nanoTime() + until.toNanos());
    length = until;
    return true;
  }

  synchronized boolean isGiven() {
    return deadline.isPresent();
  }

  /** Until the end, not less than 0; absent while no notice is given. */
  synchronized Optional<Duration> left() {
    return deadline.map(end -> Duration.ofNanos(Math.max(0, end - System.nanoTime())));
  }

  /** Until work has to be over, not less than 0; absent while no notice is given. */
  Optional<Duration> leftForWork() {
    return left().map(left -> left.minus(reserve())).map(EndNotice::notNegative);
  }

  private synchronized Duration reserve() {
    Duration tenth = length.dividedBy(10);
    return tenth.compareTo(LONGEST_RESERVE) < 0 ? tenth : LONGEST_RESERVE;
  }

  private static Duration notNegative(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }
}
