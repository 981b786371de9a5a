package io.blendnet.cli;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what a command opened, the last first, whether the command ends by itself or by Ctrl-C or
 * SIGTERM. Thread-safe.
 */
final class ExitGuard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExitGuard.class);

  /** What ends together may get the parent's signal while it ends because the parent is gone. */
  private static final Duration SIGNAL_PATIENCE = Duration.ofSeconds(30);

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Held while things are closed. */
  private final ReentrantLock closing = new ReentrantLock();

  private final Thread hook = new Thread(this::closeOnSignal, "exit");
  private final boolean server;
  private boolean closed;
  private volatile boolean signalled;

  private ExitGuard(boolean server) {
    this.server = server;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** For work that a signal cuts short: the exit code is the signal's. */
  static ExitGuard ofWork() {
    return new ExitGuard(false);
  }

  /** For servers, whose one way to end is a signal: the exit code is 0. */
  static ExitGuard ofServer() {
    return new ExitGuard(true);
  }

  /**
   * Takes charge of something.
   *
   * @throws IllegalStateException when the command is ending; it is closed at once then
   */
  <T extends AutoCloseable> T keep(T resource) {
    synchronized (open) {
      if (!closed) {
        open.push(resource);
        return resource;
      }
    }
    closeOne(resource);
    throw new IllegalStateException("The command is ending");
  }

  /**
   * Whether a signal ends the command. What fails then fails because of it, and is no news to the
   * user.
   */
  boolean isSignalled() {
    return signalled;
  }

  private void closeOnSignal() {
    signalled = true;
    try {
      // Whoever is at it already is to get done: the process ends with this thread.
      if (closing.tryLock(SIGNAL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        closeAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (server) {
      Runtime.getRuntime().halt(ExitCode.DONE.number());
    }
  }

  @Override
  public void close() {
    if (signalled) {
      // The hook is at it, and the process ends with it.
      return;
    }
    closing.lock();
    try {
      closeAll();
    } finally {
      closing.unlock();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // A signal came just now, and ends the process.
    }
  }

  /**
   * Closes as {@link #close} does, but leaves behind what takes longer.
   *
   * @param patience how long it may take
   */
  void closeWithin(Duration patience) throws InterruptedException {
    Thread closing = Thread.ofPlatform().daemon().name("close").start(this::close);
    if (!closing.join(patience)) {
      LOG.error("The server has not closed after {} s and is left behind", patience.toSeconds());
    }
  }

  private void closeAll() {
    while (true) {
      AutoCloseable next;
      synchronized (open) {
        closed = true;
        if (open.isEmpty()) {
          return;
        }
        next = open.pop();
      }
      closeOne(next);
    }
  }

  private static void closeOne(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      // The others are still to be closed; and there is nobody left who could do something.
      System.err.println("blendnet: while ending: " + e);
    }
  }
}
