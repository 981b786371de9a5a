package io.blendnet.agent;

import io.blendnet.blender.SessionDeadlines;
import java.time.Duration;

/**
 * What an agent takes upon itself.
 *
 * @param waitingLeases leases that may wait, at least 1
 * @param blobBytes files of scenes that are kept for later tasks, in bytes; what is in use is kept
 *     beyond, and what came within the hour
 * @param sceneIdle a scene that nobody has rendered for so long is closed
 * @param notice how long the agent takes to end in order: what is done is delivered meanwhile.
 *     Clouds announce the end of a cheap machine 30 seconds before it at the least
 * @param unavailable how long no Manager may talk to the agent, in up-time, until it wants to end;
 *     zero: it waits for ever
 * @param deadlines when a step of Blender's counts as hung
 */
public record AgentLimits(
    int waitingLeases,
    long blobBytes,
    Duration sceneIdle,
    Duration notice,
    Duration unavailable,
    SessionDeadlines deadlines) {
  /** 1,000 leases, 32 GiB of files, 10 minutes, 30 seconds, 10 minutes. */
  public static final AgentLimits DEFAULT =
      new AgentLimits(
          1_000,
          32L << 30,
          Duration.ofMinutes(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          SessionDeadlines.DEFAULT);

  public AgentLimits {
    if (waitingLeases < 1) {
      throw new IllegalArgumentException("At least one lease must be able to wait");
    }
    if (blobBytes < 0) {
      throw new IllegalArgumentException("Bytes to keep are at least 0, not " + blobBytes);
    }
    if (!sceneIdle.isPositive()) {
      throw new IllegalArgumentException("A scene is kept longer than no time at all");
    }
    if (notice.isNegative()) {
      throw new IllegalArgumentException("A notice takes no less than no time at all");
    }
    if (unavailable.isNegative()) {
      throw new IllegalArgumentException("A Manager is away for no less than no time at all");
    }
  }

  /** The same with another notice. */
  public AgentLimits withNotice(Duration length) {
    return new AgentLimits(waitingLeases, blobBytes, sceneIdle, length, unavailable, deadlines);
  }

  /** The same with another patience with Managers. */
  public AgentLimits withUnavailable(Duration timeout) {
    return new AgentLimits(waitingLeases, blobBytes, sceneIdle, notice, timeout, deadlines);
  }
}
