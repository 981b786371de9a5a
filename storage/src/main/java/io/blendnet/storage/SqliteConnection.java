package io.blendnet.storage;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** A connection with its prepared statements, each kept for the next time. Not thread-safe. */
final class SqliteConnection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteConnection.class);

  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  SqliteConnection(Connection connection) {
    this.connection = connection;
  }

  /** Makes one thing of a row. */
  interface RowReader<T> {
    T read(Row row) throws SQLException;
  }

  /** The row at hand; columns by name. */
  record Row(ResultSet columns) {
    String text(String column) throws SQLException {
      return columns.getString(column);
    }

    Optional<String> optionalText(String column) throws SQLException {
      return Optional.ofNullable(columns.getString(column));
    }

    int number(String column) throws SQLException {
      return columns.getInt(column);
    }

    long longNumber(String column) throws SQLException {
      return columns.getLong(column);
    }

    boolean flag(String column) throws SQLException {
      return columns.getBoolean(column);
    }

    Instant instant(String column) throws SQLException {
      return instantOf(columns.getLong(column));
    }

    Optional<Instant> optionalInstant(String column) throws SQLException {
      long nanos = columns.getLong(column);
      return columns.wasNull() ? Optional.empty() : Optional.of(instantOf(nanos));
    }

    Duration duration(String column) throws SQLException {
      return Duration.ofNanos(columns.getLong(column));
    }

    private static Instant instantOf(long nanos) {
      return Instant.EPOCH.plusNanos(nanos);
    }
  }

  void begin() throws SQLException {
    execute("BEGIN IMMEDIATE");
  }

  /** From its first query on, and until the rollback, this connection sees the same moment. */
  void beginReading() throws SQLException {
    execute("BEGIN");
  }

  /**
   * Copies the database as this connection sees it; others go on writing meanwhile.
   *
   * @param file of the copy, empty
   */
  void copyTo(Path file) throws SQLException {
    int result =
        connection
            .unwrap(SQLiteConnection.class)
            .getDatabase()
            .backup("main", file.toString(), null);
    if (result != SQLiteErrorCode.SQLITE_OK.code) {
      throw new SQLiteException(
          "The database cannot be copied to " + file, SQLiteErrorCode.getErrorCode(result));
    }
  }

  void commit() throws SQLException {
    execute("COMMIT");
  }

  /** Never fails: after some errors SQLite has rolled back already. */
  void rollback() {
    try {
      execute("ROLLBACK");
    } catch (SQLException e) {
      LOG.debug("Nothing to roll back", e);
    }
  }

  /** Several statements without arguments. */
  void script(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // The driver's executeUpdate alone runs more than the first statement of a text.
      statement.executeUpdate(sql);
    }
  }

  /** The texts of the statements that it has prepared. */
  Set<String> statements() {
    return Set.copyOf(statements.keySet());
  }

  /** Number of rows changed. */
  int update(String sql, Object... arguments) throws SQLException {
    return with(sql, PreparedStatement::executeUpdate, arguments);
  }

  <T> List<T> list(RowReader<T> reader, String sql, Object... arguments) throws SQLException {
    return with(
        sql,
        statement -> {
          List<T> rows = new ArrayList<>();
          try (ResultSet columns = statement.executeQuery()) {
            Row row = new Row(columns);
            while (columns.next()) {
              rows.add(reader.read(row));
            }
          }
          return rows;
        },
        arguments);
  }

  <T> Optional<T> first(RowReader<T> reader, String sql, Object... arguments) throws SQLException {
    return with(
        sql,
        statement -> {
          try (ResultSet columns = statement.executeQuery()) {
            return columns.next() ? Optional.of(reader.read(new Row(columns))) : Optional.empty();
          }
        },
        arguments);
  }

  /** The number that a query with one row and column answers. */
  int number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet columns = statement.executeQuery(sql)) {
      columns.next();
      return columns.getInt(1);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.warn("A database could not be closed in order; nothing committed is lost", e);
    }
  }

  private void execute(String sql) throws SQLException {
    with(sql, PreparedStatement::execute);
  }

  private interface Use<T> {
    T of(PreparedStatement statement) throws SQLException;
  }

  private <T> T with(String sql, Use<T> use, Object... arguments) throws SQLException {
    PreparedStatement statement = prepared(sql);
    try {
      for (int i = 0; i < arguments.length; i++) {
        bind(statement, i + 1, arguments[i]);
      }
      return use.of(statement);
    } catch (SQLException e) {
      // The driver finalizes a statement that failed; kept, it would fail for ever.
      statements.remove(sql);
      statement.close();
      throw e;
    }
  }

  private PreparedStatement prepared(String sql) throws SQLException {
    PreparedStatement known = statements.get(sql);
    if (known != null) {
      return known;
    }
    PreparedStatement prepared = connection.prepareStatement(sql);
    statements.put(sql, prepared);
    return prepared;
  }

  private static void bind(PreparedStatement statement, int position, Object argument)
      throws SQLException {
    switch (argument) {
      case String text -> statement.setString(position, text);
      case Integer number -> statement.setInt(position, number);
      case Long number -> statement.setLong(position, number);
      case Boolean flag -> statement.setBoolean(position, flag);
      case Instant instant -> statement.setLong(position, nanos(instant));
      case Duration duration -> statement.setLong(position, duration.toNanos());
      case BlobId id -> statement.setString(position, id.sha256());
      case TaskName name -> statement.setString(position, name.value());
      case AgentName name -> statement.setString(position, name.value());
      case LeaseId lease -> statement.setLong(position, lease.value());
      case TaskState state -> statement.setString(position, state.name());
      case Optional<?> optional when optional.isPresent() ->
          bind(statement, position, optional.get());
      case Optional<?> _ -> statement.setNull(position, Types.NULL);
      default ->
          throw new IllegalArgumentException("No column holds a " + argument.getClass().getName());
    }
  }

  private static long nanos(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
  }
}
