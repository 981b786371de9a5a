package io.blendnet.storage;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.storage.spi.AgentRow;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.FolderInUseException;
import io.blendnet.storage.spi.LeaseRow;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.StoreFormatException;
import io.blendnet.storage.spi.StoredMessage;
import io.blendnet.storage.spi.TaskQuery;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The farm in one file of SQLite, {@code farm.db}. One connection writes, a few others read beside
 * it without waiting (WAL). A commit is on the disk when it returns ({@code synchronous=FULL}).
 * Passwords of agents are inside: the file is for its owner alone. Thread-safe.
 */
public final class SqliteFarmStore implements FarmStore {
  /** Name of the database's file. */
  public static final String FILE = "farm.db";

  private static final String LOCK_FILE = "farm.lock";
  private static final int READERS = 4;

  private final SqliteDatabase database;
  private final FolderLock lock;
  private final SqliteConnection connection;
  private final FarmWriter writer;
  private final Checkpoints checkpoints;
  private final ConcurrentLinkedQueue<SqliteConnection> readers = new ConcurrentLinkedQueue<>();
  private final Semaphore freeReaders = new Semaphore(READERS, true);

  /** Fair: who commits without a pause must not keep the checkpoints out. */
  private final Lock writing = new ReentrantLock(true);

  private volatile boolean closed;

  private SqliteFarmStore(SqliteDatabase database, FolderLock lock) throws IOException {
    this.database = database;
    this.lock = lock;
    connection = database.openWriter(SynchronousMode.FULL);
    writer = new FarmWriter(connection);
    try {
      for (int i = 0; i < READERS; i++) {
        readers.add(database.openReader());
      }
      checkpoints = Checkpoints.start(database.openCheckpointer(connection), writing);
    } catch (IOException | RuntimeException e) {
      readers.forEach(SqliteConnection::close);
      connection.close();
      throw e;
    }
  }

  /**
   * Opens the farm of a data folder, which is created, private, where it is missing.
   *
   * @throws FolderInUseException when another Manager works there, with its process
   * @throws StoreFormatException when the file is damaged, no farm, or of a newer BlendNet
   */
  public static SqliteFarmStore open(Path folder) throws IOException {
    FolderLock lock = FolderLock.take(folder, LOCK_FILE);
    try {
      return new SqliteFarmStore(databaseIn(folder), lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  static SqliteDatabase databaseIn(Path folder) {
    return new SqliteDatabase(
        folder.toAbsolutePath().resolve(FILE),
        "the farm's database",
        FarmSchema.APPLICATION_ID,
        FarmSchema.STEPS);
  }

  @Override
  public void commit(List<StoreChange> changes) throws IOException {
    writing.lock();
    try {
      checkOpen();
      try {
        connection.begin();
        for (StoreChange change : changes) {
          writer.apply(change);
        }
        connection.commit();
        checkpoints.committed(changes.size());
      } catch (SQLException e) {
        connection.rollback();
        // Each change touches at least a page; how many more, only SQLite knows.
        throw database.explain(e, (changes.size() + 1L) * SqliteDatabase.PAGE);
      } catch (RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } finally {
      writing.unlock();
    }
  }

  @Override
  public Optional<TaskRow> task(TaskName name) throws IOException {
    return read(reader ->
        reader.first(
            FarmRows::task,
            """
            SELECT * FROM task JOIN task_text ON task_text.task = task.id WHERE name = ?
            """,
            name));
  }

  @Override
  public List<TaskRow> tasks(TaskQuery query) throws IOException {
    if (query.states().isEmpty()) {
      return List.of();
    }
    // Each state has its own ordered index range; merging their heads reads no row too many,
    // however many finished tasks there are.
    String head =
        """
        SELECT * FROM (SELECT id, name FROM task WHERE state = ? AND name > ? ORDER BY name LIMIT ?)
        """;
    List<TaskState> states = query.states().stream().sorted().toList();
    String heads = states.stream().map(_ -> head).collect(Collectors.joining(" UNION ALL "));
    List<Object> arguments = new ArrayList<>();
    for (TaskState state : states) {
      arguments.add(state);
      arguments.add(query.after().map(TaskName::value).orElse(""));
      arguments.add(query.limit());
    }
    arguments.add(query.limit());
    return read(reader ->
        reader.list(
            FarmRows::task,
            """
            WITH page AS MATERIALIZED (SELECT id FROM (%s) ORDER BY name LIMIT ?)
            SELECT task.*, config, plan FROM page CROSS JOIN task ON task.id = page.id
            CROSS JOIN task_text ON task_text.task = page.id ORDER BY name
            """
                .formatted(heads),
            arguments.toArray()));
  }

  @Override
  public List<FileRow> files(TaskName task) throws IOException {
    return read(reader ->
        reader.list(
            row -> FarmRows.file(task, row),
            """
            SELECT path, blob FROM file
            WHERE task = (SELECT id FROM task WHERE name = ?) ORDER BY path
            """,
            task));
  }

  @Override
  public Optional<FileRow> file(TaskName task, String path) throws IOException {
    return read(reader ->
        reader.first(
            row -> FarmRows.file(task, row),
            """
            SELECT path, blob FROM file
            WHERE task = (SELECT id FROM task WHERE name = ?) AND path = ?
            """,
            task,
            path));
  }

  @Override
  public List<DeliveryRow> deliveries(TaskName task) throws IOException {
    return read(reader ->
        reader.list(
            row -> FarmRows.delivery(task, row),
            """
            SELECT * FROM delivery WHERE task = (SELECT id FROM task WHERE name = ?)
            ORDER BY y, x, width, height, sample_first, sample_end
            """,
            task));
  }

  @Override
  public Optional<DeliveryRow> delivery(TaskName task, Cell cell) throws IOException {
    return read(reader ->
        reader.first(
            row -> FarmRows.delivery(task, row),
            """
            SELECT * FROM delivery WHERE task = (SELECT id FROM task WHERE name = ?)
            AND y = ? AND x = ? AND width = ? AND height = ?
            AND sample_first = ? AND sample_end = ?
            """,
            task,
            cell.tile().y(),
            cell.tile().x(),
            cell.tile().width(),
            cell.tile().height(),
            cell.samples().first(),
            cell.samples().end()));
  }

  @Override
  public List<LeaseRow> leases(TaskName task) throws IOException {
    return read(reader ->
        reader.list(
            row -> FarmRows.lease(task, row),
            """
            SELECT * FROM lease WHERE task = (SELECT id FROM task WHERE name = ?) ORDER BY id
            """,
            task));
  }

  @Override
  public List<StoredMessage> messages(TaskName task, long after, int limit) throws IOException {
    checkLimit(limit);
    return read(reader ->
        reader.list(
            row -> FarmRows.message(task, row),
            """
            SELECT * FROM message WHERE task = (SELECT id FROM task WHERE name = ?)
            AND number > ? ORDER BY number LIMIT ?
            """,
            task,
            after,
            limit));
  }

  @Override
  public List<StoredMessage> lastMessages(TaskName task, int limit) throws IOException {
    checkLimit(limit);
    return read(reader ->
            reader.list(
                row -> FarmRows.message(task, row),
                """
                SELECT * FROM message WHERE task = (SELECT id FROM task WHERE name = ?)
                ORDER BY number DESC LIMIT ?
                """,
                task,
                limit))
        .reversed();
  }

  @Override
  public List<AgentRow> agents() throws IOException {
    return read(reader -> reader.list(FarmRows::agent, "SELECT * FROM agent ORDER BY name"));
  }

  @Override
  public Optional<AgentRow> agent(AgentName name) throws IOException {
    return read(
        reader -> reader.first(FarmRows::agent, "SELECT * FROM agent WHERE name = ?", name));
  }

  @Override
  public Optional<String> meta(String key) throws IOException {
    return read(reader ->
        reader.first(row -> row.text("value"), "SELECT value FROM meta WHERE key = ?", key));
  }

  @Override
  public boolean isReferenced(BlobId blob) throws IOException {
    return read(reader ->
        reader
            .first(
                row -> row.number("found"),
                """
                SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM file WHERE blob = ?1)
                OR EXISTS (SELECT 1 FROM delivery WHERE blob = ?1)
                OR EXISTS (SELECT 1 FROM task WHERE preview = ?1)
                OR EXISTS (SELECT 1 FROM task WHERE render = ?1)
                OR EXISTS (SELECT 1 FROM task WHERE compose = ?1)
                """,
                blob)
            .isPresent());
  }

  /** Waits for the commit and the queries at work, then closes. */
  @Override
  public void close() throws IOException {
    checkpoints.close();
    writing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      freeReaders.acquireUninterruptibly(READERS);
      readers.forEach(SqliteConnection::close);
      connection.close();
      freeReaders.release(READERS);
      lock.close();
    } finally {
      writing.unlock();
    }
  }

  /** All that it has asked SQLite so far, the queries of its readers included. */
  Set<String> statements() {
    writing.lock();
    try {
      freeReaders.acquireUninterruptibly(READERS);
      Set<String> statements = new TreeSet<>(connection.statements());
      readers.forEach(reader -> statements.addAll(reader.statements()));
      freeReaders.release(READERS);
      return statements;
    } finally {
      writing.unlock();
    }
  }

  private interface Query<T> {
    T on(SqliteConnection reader) throws SQLException;
  }

  private <T> T read(Query<T> query) throws IOException {
    freeReaders.acquireUninterruptibly();
    try {
      checkOpen();
      SqliteConnection reader = readers.remove();
      try {
        return query.on(reader);
      } catch (SQLException e) {
        throw database.explain(e, 0);
      } finally {
        readers.add(reader);
      }
    } finally {
      freeReaders.release();
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("The farm's database " + database.file() + " is closed");
    }
  }

  private static void checkLimit(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("A page has at least one message, not " + limit);
    }
  }
}
