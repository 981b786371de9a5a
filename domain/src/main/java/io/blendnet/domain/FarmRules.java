package io.blendnet.domain;

import java.time.Duration;

/**
 * How long the scheduler waits for what. All times are up-time: time in which the Manager was up
 * and listening.
 *
 * @param silence an agent that does not answer for so long loses its leases
 * @param agentIdle a rented agent without work for so long is given back
 * @param ahead work that an agent is given ahead while there is plenty, so that it has something to
 *     do while the Manager is away
 */
public record FarmRules(Duration silence, Duration agentIdle, Duration ahead) {
  /** A lease never holds more work than this (architecture, "Planning"). */
  private static final Duration LONGEST_AHEAD = Duration.ofMinutes(30);

  /** 20 seconds of silence, 5 minutes idle, 30 seconds ahead. */
  public static final FarmRules DEFAULT =
      new FarmRules(Duration.ofSeconds(20), Duration.ofMinutes(5), Duration.ofSeconds(30));

  public FarmRules {
    if (silence.isNegative() || agentIdle.isNegative() || ahead.isNegative()) {
      throw new IllegalArgumentException("A farm cannot wait for less than no time");
    }
    if (ahead.compareTo(LONGEST_AHEAD) > 0) {
      throw new IllegalArgumentException(
          "An agent is given at most %s of work ahead, not %s".formatted(LONGEST_AHEAD, ahead));
    }
  }
}
