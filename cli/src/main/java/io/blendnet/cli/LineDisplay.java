package io.blendnet.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Plain lines, one every few seconds, for logs and pipes. */
final class LineDisplay implements ProgressDisplay {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final PrintStream out;
  private final InstantSource clock;
  private final ProgressText text = new ProgressText(false);
  private Instant next = Instant.MIN;

  LineDisplay(PrintStream out, InstantSource clock) {
    this.out = out;
    this.clock = clock;
  }

  @Override
  public synchronized void say(String sentence) {
    out.println(sentence);
  }

  @Override
  public synchronized void show(Sending sending) {
    if (isTime()) {
      out.println(text.line(sending));
    }
  }

  @Override
  public synchronized void show(Progress progress) {
    if (isTime()) {
      out.println(text.line(progress));
    }
  }

  private boolean isTime() {
    Instant now = clock.instant();
    if (now.isBefore(next)) {
      return false;
    }
    next = now.plus(INTERVAL);
    return true;
  }

  @Override
  public void close() {
    out.flush();
  }
}
