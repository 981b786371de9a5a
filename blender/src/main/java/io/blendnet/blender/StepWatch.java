package io.blendnet.blender;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Judges whether a step has hung, by the rules of {@link SessionDeadlines}. Time is what passes
 * between looks, up to a limit: while we are stopped or the machine sleeps nobody could look, and
 * the step is not to blame.
 */
final class StepWatch {
  /** What can be seen of a process from outside. */
  interface Signs {
    /** Changes with every line that it prints. */
    long lastOutput();

    /** Processor time used so far; empty where the system does not say. */
    Optional<Duration> processorTime();
  }

  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  /** More than this between two looks was sleep; a busy machine makes us late by less. */
  private static final Duration LONGEST_STEP = Duration.ofSeconds(5);

  private final Signs signs;
  private final SessionDeadlines deadlines;
  private final Duration limit;
  private final LongSupplier nanoTime;
  private long latestLook;
  private long latestOutput;
  private Optional<Duration> processorTimeThen;
  private Duration passed = Duration.ZERO;
  private Duration silent = Duration.ZERO;
  private Duration withoutLifeSign = Duration.ZERO;

  /**
   * Begins to watch.
   *
   * @param nanoTime nanoseconds from any origin, such as {@link System#nanoTime}
   */
  StepWatch(Signs signs, SessionDeadlines deadlines, Duration limit, LongSupplier nanoTime) {
    this.signs = signs;
    this.deadlines = deadlines;
    this.limit = limit;
    this.nanoTime = nanoTime;
    this.latestLook = nanoTime.getAsLong();
    this.latestOutput = signs.lastOutput();
    this.processorTimeThen = signs.processorTime();
  }

  /** How long to wait before judging again. */
  Duration pause() {
    Duration shortest = limit.compareTo(deadlines.idle()) < 0 ? limit : deadlines.idle();
    Duration pause = shortest.dividedBy(10);
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause.plusMillis(1) : LONGEST_PAUSE;
  }

  /** Why the step counts as hung, as the end of a sentence; empty while it does not. */
  Optional<String> verdict() {
    look();
    if (passed.compareTo(limit) > 0) {
      return Optional.of("was not done after " + Words.of(limit));
    }
    if (silent.compareTo(deadlines.silent()) > 0) {
      return Optional.of("printed nothing for " + Words.of(deadlines.silent()));
    }
    if (withoutLifeSign.compareTo(deadlines.idle()) > 0) {
      if (isIdle()) {
        return Optional.of(
            "neither printed nor computed anything for " + Words.of(deadlines.idle()));
      }
      noteLifeSign();
    }
    return Optional.empty();
  }

  private void look() {
    long now = nanoTime.getAsLong();
    Duration step = Duration.ofNanos(Math.clamp(now - latestLook, 0, LONGEST_STEP.toNanos()));
    latestLook = now;
    passed = passed.plus(step);
    silent = silent.plus(step);
    withoutLifeSign = withoutLifeSign.plus(step);
    long output = signs.lastOutput();
    if (output != latestOutput) {
      latestOutput = output;
      silent = Duration.ZERO;
      noteLifeSign();
    }
  }

  private void noteLifeSign() {
    withoutLifeSign = Duration.ZERO;
    processorTimeThen = signs.processorTime();
  }

  private boolean isIdle() {
    Optional<Duration> used = signs.processorTime();
    if (used.isEmpty() || processorTimeThen.isEmpty()) {
      return false; // a system that does not tell: the other rules remain
    }
    return used.get().minus(processorTimeThen.get()).compareTo(withoutLifeSign.dividedBy(100)) < 0;
  }
}
