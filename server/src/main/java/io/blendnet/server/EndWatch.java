package io.blendnet.server;

import java.io.Closeable;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second for a reason why a server should end, until there is one. On a thread of its
 * own, which nothing that hangs elsewhere can stop.
 */
public final class EndWatch implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(EndWatch.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Supplier<Optional<String>> judge;
  private final Consumer<String> onReason;
  private final Thread thread = Thread.ofPlatform().name("end-watch").daemon().unstarted(this::run);

  private EndWatch(Supplier<Optional<String>> judge, Consumer<String> onReason) {
    this.judge = judge;
    this.onReason = onReason;
  }

  /**
   * Begins to look.
   *
   * @param judge the reason to end, as a sentence without a full stop; empty while there is none
   * @param onReason gets it once, and returns soon
   */
  public static EndWatch start(Supplier<Optional<String>> judge, Consumer<String> onReason) {
    EndWatch watch = new EndWatch(judge, onReason);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      Optional<String> reason = Optional.empty();
      while (reason.isEmpty()) {
        Thread.sleep(PAUSE);
        reason = look();
      }
      LOG.warn("{}; this server ends", reason.get());
      onReason.accept(reason.get());
    } catch (InterruptedException e) {
      LOG.debug("The server ends otherwise");
    }
  }

  private Optional<String> look() {
    try {
      return judge.get();
    } catch (RuntimeException e) {
      LOG.error("Cannot tell whether to end", e);
      return Optional.empty();
    }
  }

  /** Looks no further. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
