package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.Blob;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * What is known about each blob beside its bytes: SHA-1, size, time. The files are the truth and
 * this is derived from them; therefore its commits do not wait for the disk, and a power cut may
 * cost the last of them. Whether it was closed in order, and so is whole, it knows itself.
 * Thread-safe.
 */
final class BlobIndex implements AutoCloseable {
  /** "BlBi". */
  private static final int APPLICATION_ID = 0x426C4269;

  private static final int PAGE_OF_BLOBS = 1_000;

  private static final String TABLES =
      """
      CREATE TABLE blob (
        id TEXT PRIMARY KEY,
        sha1 TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        created INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
      """;

  private final SqliteDatabase database;
  private final SqliteConnection connection;

  private BlobIndex(SqliteDatabase database) throws IOException {
    this.database = database;
    connection = database.openWriter(SynchronousMode.NORMAL);
  }

  static BlobIndex open(Path file) throws IOException {
    return new BlobIndex(
        new SqliteDatabase(
            file.toAbsolutePath(), "the index of stored files", APPLICATION_ID, List.of(TABLES)));
  }

  synchronized Optional<Blob> find(BlobId id) throws IOException {
    return run(() -> connection.first(BlobIndex::blob, "SELECT * FROM blob WHERE id = ?", id), 0);
  }

  synchronized Optional<Blob> findBySha1(String sha1) throws IOException {
    return run(
        () -> connection.first(BlobIndex::blob, "SELECT * FROM blob WHERE sha1 = ?", sha1), 0);
  }

  synchronized void add(Blob blob) throws IOException {
    run(
        () ->
            connection.update(
                "INSERT INTO blob (id, sha1, size, created) VALUES (?, ?, ?, ?)",
                blob.id(),
                blob.sha1(),
                blob.size(),
                blob.created()),
        SqliteDatabase.PAGE);
  }

  synchronized boolean remove(BlobId id) throws IOException {
    return run(
        () -> connection.update("DELETE FROM blob WHERE id = ?", id) > 0, SqliteDatabase.PAGE);
  }

  /** Every blob, ordered by id, a page at a time: the visitor may take long, or ask this index. */
  void forEach(Consumer<Blob> visitor) throws IOException {
    String last = "";
    List<Blob> page = pageAfter(last);
    while (!page.isEmpty()) {
      page.forEach(visitor);
      last = page.getLast().id().sha256();
      page = pageAfter(last);
    }
  }

  /** The ids that begin with these hex digits. */
  synchronized Set<BlobId> startingWith(String digits) throws IOException {
    return new TreeSet<>(
        run(
            () ->
                connection.list(
                    row -> new BlobId(row.text("id")),
                    "SELECT id FROM blob WHERE id >= ? AND id < ?",
                    digits,
                    digits + "g"),
            0));
  }

  /** Whether it was closed in order the last time. From now on it counts as not. */
  synchronized boolean takeCleanMark() throws IOException {
    return run(
        () -> {
          boolean clean =
              connection
                  .first(row -> row.text("value"), "SELECT value FROM meta WHERE key = 'closed'")
                  .isPresent();
          // This one commit must be on the disk before any blob changes.
          connection.script("PRAGMA synchronous = FULL");
          connection.update("DELETE FROM meta WHERE key = 'closed'");
          connection.script("PRAGMA synchronous = NORMAL");
          return clean;
        },
        SqliteDatabase.PAGE);
  }

  synchronized void setCleanMark() throws IOException {
    run(
        () -> {
          connection.script("PRAGMA synchronous = FULL");
          return connection.update("INSERT INTO meta (key, value) VALUES ('closed', 'in order')");
        },
        SqliteDatabase.PAGE);
  }

  @Override
  public synchronized void close() {
    connection.close();
  }

  private synchronized List<Blob> pageAfter(String id) throws IOException {
    return run(
        () ->
            connection.list(
                BlobIndex::blob,
                "SELECT * FROM blob WHERE id > ? ORDER BY id LIMIT ?",
                id,
                PAGE_OF_BLOBS),
        0);
  }

  private interface Work<T> {
    T run() throws SQLException;
  }

  private <T> T run(Work<T> work, long wanted) throws IOException {
    try {
      return work.run();
    } catch (SQLException e) {
      throw database.explain(e, wanted);
    }
  }

  private static Blob blob(SqliteConnection.Row row) throws SQLException {
    return new Blob(
        new BlobId(row.text("id")),
        row.text("sha1"),
        row.longNumber("size"),
        row.instant("created"));
  }
}
