package io.blendnet.agent;

import java.time.Duration;
import java.util.Optional;

/**
 * How fast deliveries leave the agent, each from when it is asked for until it is given up; the
 * latest count most. Thread-safe.
 */
final class DeliveryPace {
  /** What an earlier delivery still counts when the next one comes. */
  private static final double MEMORY = 0.8;

  private double bytes;
  private double nanos;

  /** A delivery has left. */
  synchronized void record(long size, Duration took) {
    bytes = bytes * MEMORY + size;
    nanos = nanos * MEMORY + Math.max(1, took.toNanos());
  }

  /** How long so many bytes will take; absent while nothing has left. */
  synchronized Optional<Duration> timeFor(long size) {
    return bytes > 0
        ? Optional.of(Duration.ofNanos((long) (size * (nanos / bytes))))
        : Optional.empty();
  }
}
