package io.blendnet.storage;

import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what commits append to the log (WAL) into the database, on a thread of its own: by itself
 * SQLite would do it within every twentieth commit or so, whose caller then waited for it. Most is
 * moved while others commit; commits wait for the little that came meanwhile, so that the log
 * begins anew and does not grow for ever. Thread-safe.
 */
final class Checkpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  /** A change touches a page or a few: the log has some 30 MB by then, read in at a restart. */
  private static final int CHANGES = 8_000;

  /**
   * While one moves what lies there others commit; each has less left to move than the one before.
   */
  private static final int BESIDE_COMMITS = 3;

  private final SqliteConnection connection;
  private final Lock writing;
  private final Semaphore due = new Semaphore(0);
  private final Thread thread = Thread.ofPlatform().name("farm-checkpoints").unstarted(this::run);
  private int changes;

  private Checkpoints(SqliteConnection connection, Lock writing) {
    this.connection = connection;
    this.writing = writing;
  }

  /**
   * Begins.
   *
   * @param connection its own; closed with it
   * @param writing held by whoever commits
   */
  static Checkpoints start(SqliteConnection connection, Lock writing) {
    Checkpoints checkpoints = new Checkpoints(connection, writing);
    checkpoints.thread.setDaemon(true);
    checkpoints.thread.start();
    return checkpoints;
  }

  /** Counts a commit; by whoever holds the lock for writing. */
  void committed(int more) {
    changes += more;
    if (changes >= CHANGES) {
      changes = 0;
      due.release();
    }
  }

  private void run() {
    try {
      while (true) {
        due.acquire();
        due.drainPermits();
        for (int i = 0; i < BESIDE_COMMITS; i++) {
          checkpoint();
        }
        writing.lock();
        try {
          checkpoint();
        } finally {
          writing.unlock();
        }
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  private void checkpoint() {
    try {
      // One that is held up by a reader, such as a backup, moves what it can; the next goes on.
      boolean _ =
          connection.first(row -> row.flag("busy"), "PRAGMA wal_checkpoint(PASSIVE)").isPresent();
    } catch (SQLException e) {
      // Commits go on as long as the log can grow, and say so when it cannot.
      LOG.warn("The farm's log could not be moved into its database: {}", e.getMessage());
    }
  }

  /** Waits for the one at work; not to be called by who holds the lock for writing. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
      connection.close();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
