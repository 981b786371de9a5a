package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.Blob;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * What is known about each blob beside its bytes: size, times, the SHA-1 where somebody wanted it.
 * The files are the truth and this is derived from them; therefore its commits do not wait for the
 * disk, and a power cut may cost the last of them. Whether it was closed in order, and so is whole,
 * it knows itself. Thread-safe.
 */
final class BlobIndex implements AutoCloseable {
  /** "BlBi". */
  private static final int APPLICATION_ID = 0x426C4269;

  private static final int PAGE_OF_BLOBS = 1_000;

  private static final String FIRST =
      """
      CREATE TABLE blob (
        id TEXT PRIMARY KEY,
        sha1 TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        created INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
      """;

  /** When somebody last asked for a blob; 0: never. */
  private static final String SECOND =
      """
      ALTER TABLE blob ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX blob_by_asked ON blob (asked, id);
      """;

  /** The SHA-1 only where somebody wanted it. */
  private static final String THIRD =
      """
      CREATE TABLE wanted (
        id TEXT PRIMARY KEY,
        sha1 TEXT,
        size INTEGER NOT NULL,
        created INTEGER NOT NULL,
        asked INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      INSERT INTO wanted SELECT id, sha1, size, created, asked FROM blob;
      DROP TABLE blob;
      ALTER TABLE wanted RENAME TO blob;
      CREATE UNIQUE INDEX blob_by_sha1 ON blob (sha1) WHERE sha1 IS NOT NULL;
      CREATE INDEX blob_by_asked ON blob (asked, id);
      """;

  private final SqliteDatabase database;
  private final SqliteConnection connection;

  /** Bytes of all blobs. */
  private long bytes;

  private BlobIndex(SqliteDatabase database) throws IOException {
    this.database = database;
    connection = database.openWriter(SynchronousMode.NORMAL);
    try {
      bytes =
          run(
              () ->
                  connection
                      .first(row -> row.longNumber("bytes"), "SELECT sum(size) AS bytes FROM blob")
                      .orElse(0L),
              0);
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  static BlobIndex open(Path file) throws IOException {
    return new BlobIndex(
        new SqliteDatabase(
            file.toAbsolutePath(),
            "the index of stored files",
            APPLICATION_ID,
            List.of(FIRST, SECOND, THIRD)));
  }

  synchronized Optional<Blob> find(BlobId id) throws IOException {
    return run(() -> connection.first(BlobIndex::blob, "SELECT * FROM blob WHERE id = ?", id), 0);
  }

  synchronized Optional<Blob> findBySha1(String sha1) throws IOException {
    return run(
        () -> connection.first(BlobIndex::blob, "SELECT * FROM blob WHERE sha1 = ?", sha1), 0);
  }

  synchronized Optional<String> sha1(BlobId id) throws IOException {
    return run(
        () ->
            connection
                .first(row -> row.optionalText("sha1"), "SELECT sha1 FROM blob WHERE id = ?", id)
                .flatMap(sha1 -> sha1),
        0);
  }

  /** Notes the SHA-1 of a blob, unless it is another one's, too. */
  synchronized void setSha1(BlobId id, String sha1) throws IOException {
    run(
        () -> connection.update("UPDATE OR IGNORE blob SET sha1 = ? WHERE id = ?", sha1, id),
        SqliteDatabase.PAGE);
  }

  /** Those of the ids that are there; they count as asked for at this time. */
  synchronized Set<BlobId> ask(Collection<BlobId> ids, Instant now) throws IOException {
    return transaction(() -> {
      Set<BlobId> there = new HashSet<>();
      for (BlobId id : ids) {
        if (connection.update("UPDATE blob SET asked = ? WHERE id = ?", now, id) > 0) {
          there.add(id);
        }
      }
      return there;
    });
  }

  /**
   * Adds a blob.
   *
   * @param sha1 where somebody wants it
   * @param asked when somebody asked for it
   * @return whether it is there now: another content may have its SHA-1
   */
  synchronized boolean add(Blob blob, Optional<String> sha1, Instant asked) throws IOException {
    return run(() -> insert(blob, sha1, asked) > 0, SqliteDatabase.PAGE);
  }

  /**
   * Adds blobs that somebody asked for when they were made; of those that are there already it is
   * noted that somebody asked for them.
   */
  synchronized void addAll(Collection<Blob> blobs) throws IOException {
    transaction(() -> {
      for (Blob blob : blobs) {
        if (insert(blob, Optional.empty(), blob.created()) == 0) {
          connection.update("UPDATE blob SET asked = ? WHERE id = ?", blob.created(), blob.id());
        }
      }
      return blobs;
    });
  }

  private int insert(Blob blob, Optional<String> sha1, Instant asked) throws SQLException {
    int added =
        connection.update(
            """
            INSERT INTO blob (id, sha1, size, created, asked) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            blob.id(),
            sha1,
            blob.size(),
            blob.created(),
            asked);
    bytes += added * blob.size();
    return added;
  }

  synchronized boolean remove(BlobId id) throws IOException {
    return forget(id, Instant.EPOCH.plusNanos(Long.MAX_VALUE));
  }

  /** Removes a blob unless somebody asked for it later than that. */
  synchronized boolean removeUnlessAsked(BlobId id, Instant since) throws IOException {
    return forget(id, since);
  }

  private boolean forget(BlobId id, Instant since) throws IOException {
    return run(
        () -> {
          Optional<Long> freed =
              connection.first(
                  row -> row.longNumber("size"),
                  "DELETE FROM blob WHERE id = ? AND asked <= ? RETURNING size",
                  id,
                  since);
          bytes -= freed.orElse(0L);
          return freed.isPresent();
        },
        SqliteDatabase.PAGE);
  }

  synchronized long bytes() {
    return bytes;
  }

  /**
   * Blobs that are older than that and that nobody asked for since, the one that was asked for
   * longest ago first; a page at a time, as {@link #forEach}.
   */
  void forEachUnasked(Instant since, Consumer<Blob> visitor) throws IOException {
    List<Asked> page = unaskedAfter(Instant.EPOCH, "", since);
    while (!page.isEmpty()) {
      page.forEach(asked -> visitor.accept(asked.blob()));
      Asked last = page.getLast();
      page = unaskedAfter(last.at(), last.blob().id().sha256(), since);
    }
  }

  private record Asked(Blob blob, Instant at) {}

  private synchronized List<Asked> unaskedAfter(Instant at, String id, Instant since)
      throws IOException {
    return run(
        () ->
            connection.list(
                row -> new Asked(blob(row), row.instant("asked")),
                """
                SELECT * FROM blob
                WHERE (asked, id) > (?, ?) AND asked <= ? AND created <= ?
                ORDER BY asked, id LIMIT ?
                """,
                at,
                id,
                since,
                since,
                PAGE_OF_BLOBS),
        0);
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

  private <T> T transaction(Work<T> work) throws IOException {
    long before = bytes;
    return run(
        () -> {
          connection.begin();
          try {
            T done = work.run();
            connection.commit();
            return done;
          } catch (SQLException e) {
            bytes = before;
            connection.rollback();
            throw e;
          }
        },
        SqliteDatabase.PAGE);
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
    return new Blob(new BlobId(row.text("id")), row.longNumber("size"), row.instant("created"));
  }
}
