package io.blendnet.blender;

import java.time.Duration;
import java.util.Optional;

/** Judges whether a step has hung, by the rules of {@link SessionDeadlines}. */
final class StepWatch {
  private final BlenderProcess process;
  private final SessionDeadlines deadlines;
  private final Duration limit;
  private final long start = System.nanoTime();
  private long lifeSign = start;
  private Optional<Duration> processorTimeThen;

  StepWatch(BlenderProcess process, SessionDeadlines deadlines, Duration limit) {
    this.process = process;
    this.deadlines = deadlines;
    this.limit = limit;
    this.processorTimeThen = process.processorTime();
  }

  /** How long to wait before judging again. */
  Duration pause() {
    Duration shortest = limit.compareTo(deadlines.idle()) < 0 ? limit : deadlines.idle();
    Duration pause = shortest.dividedBy(10);
    Duration longest = Duration.ofMillis(500);
    return pause.compareTo(longest) < 0 ? pause.plusMillis(1) : longest;
  }

  /** Why the step counts as hung, as the end of a sentence; empty while it does not. */
  Optional<String> verdict() {
    long now = System.nanoTime();
    if (now - start > limit.toNanos()) {
      return Optional.of("was not done after " + Words.of(limit));
    }
    long lastOutput = Math.max(process.lastOutput(), start);
    if (lastOutput - lifeSign > 0) {
      lifeSign = lastOutput;
      processorTimeThen = process.processorTime();
    }
    if (now - lastOutput > deadlines.silent().toNanos()) {
      return Optional.of("printed nothing for " + Words.of(deadlines.silent()));
    }
    if (now - lifeSign > deadlines.idle().toNanos()) {
      if (isIdleSince(now)) {
        return Optional.of(
            "neither printed nor computed anything for " + Words.of(deadlines.idle()));
      }
      lifeSign = now;
      processorTimeThen = process.processorTime();
    }
    return Optional.empty();
  }

  private boolean isIdleSince(long now) {
    Optional<Duration> used = process.processorTime();
    if (used.isEmpty() || processorTimeThen.isEmpty()) {
      return false; // a system that does not tell: the other rules remain
    }
    long nanos = used.get().minus(processorTimeThen.get()).toNanos();
    return nanos < (now - lifeSign) / 100;
  }
}
