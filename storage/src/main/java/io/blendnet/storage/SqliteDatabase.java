package io.blendnet.storage;

import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.StoreFormatException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A file of SQLite in WAL mode: how it is made, private, versioned, and what its errors mean.
 *
 * @param file the database; SQLite keeps two more beside it, named {@code -wal} and {@code -shm}
 * @param what what the file is to a person, such as "the farm's database"
 * @param applicationId marks the file as ours (SQLite's {@code application_id})
 * @param steps scripts, each from one format to the next; their number is the format
 */
record SqliteDatabase(Path file, String what, int applicationId, List<String> steps) {
  static final int PAGE = 4096;

  /** What a busy farm writes to within minutes; SQLite takes it as it is needed. */
  private static final int CACHE_KIB = 64 * 1024;

  /** Nobody else writes here; a backup program may hold the file for a moment. */
  private static final int BUSY_TIMEOUT_MILLISECONDS = 10_000;

  SqliteDatabase {
    steps = List.copyOf(steps);
  }

  /** Opens the one connection that writes, and brings the file to the newest format. */
  SqliteConnection openWriter(SQLiteConfig.SynchronousMode synchronous) throws IOException {
    createPrivate();
    SqliteDriver.loadIn(folder());
    SQLiteConfig config = config();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(synchronous);
    config.setCacheSize(-CACHE_KIB);
    SqliteConnection connection = connect(config);
    try {
      migrate(connection);
      PrivateFiles.sync(folder());
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw explain(e, PAGE);
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Opens a connection that moves the log of commits into the database, which the writer then does
   * no more.
   */
  SqliteConnection openCheckpointer(SqliteConnection writer) throws IOException {
    SqliteConnection connection = connect(config());
    try {
      writer.script("PRAGMA wal_autocheckpoint = 0");
      connection.script("PRAGMA synchronous = FULL");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw explain(e, 0);
    }
  }

  /** Opens a connection that cannot write. */
  SqliteConnection openReader() throws IOException {
    SqliteConnection connection = connect(config());
    try {
      connection.script("PRAGMA query_only = ON");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw explain(e, 0);
    }
  }

  /**
   * The failure in the store's words.
   *
   * @param wanted bytes that were to be written
   */
  IOException explain(SQLException failure, long wanted) throws IOException {
    if (!(failure instanceof SQLiteException sqlite)) {
      return new IOException("%s %s: %s".formatted(what, file, failure.getMessage()), failure);
    }
    SQLiteErrorCode code = sqlite.getResultCode();
    // The low byte is the kind; the rest says which call of the operating system failed.
    int kind = code.code & 0xff;
    boolean full =
        kind == SQLiteErrorCode.SQLITE_FULL.code
            || (kind == SQLiteErrorCode.SQLITE_IOERR.code && FreeSpace.in(folder()) < wanted);
    if (full) {
      StorageFullException explained =
          new StorageFullException(folder(), wanted, FreeSpace.in(folder()));
      explained.initCause(failure);
      return explained;
    }
    if (kind == SQLiteErrorCode.SQLITE_NOTADB.code || kind == SQLiteErrorCode.SQLITE_CORRUPT.code) {
      return new StoreFormatException(
          "%s is damaged or not %s. Restore it from a backup, or move it away to begin anew"
              .formatted(file, what),
          failure);
    }
    if (kind == SQLiteErrorCode.SQLITE_BUSY.code) {
      return new IOException(
          "Another program keeps %s locked; end it (a backup, an open sqlite3 shell)"
              .formatted(file),
          failure);
    }
    return new IOException("%s %s: %s".formatted(what, file, failure.getMessage()), failure);
  }

  Path folder() {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** SQLite would create the file for everybody to read; the files beside it take its mode. */
  private void createPrivate() throws IOException {
    PrivateFiles.createFolder(folder());
    if (Files.exists(file)) {
      PrivateFiles.protect(file);
      return;
    }
    try {
      PrivateFiles.open(file).close();
    } catch (FileAlreadyExistsException _) {
      PrivateFiles.protect(file);
    }
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.enforceForeignKeys(true);
    // The driver would ask for the last row id after every insert.
    config.setGetGeneratedKeys(false);
    config.setBusyTimeout(BUSY_TIMEOUT_MILLISECONDS);
    return config;
  }

  private SqliteConnection connect(SQLiteConfig config) throws IOException {
    try {
      // As a URI: in a plain name the driver takes what follows a question mark for settings.
      return new SqliteConnection(config.createConnection("jdbc:sqlite:" + file.toUri()));
    } catch (SQLException e) {
      throw explain(e, PAGE);
    }
  }

  /**
   * Which format the file has; 0 for an empty one.
   *
   * @throws StoreFormatException when it is another program's, or of a newer BlendNet
   */
  int requireKnownFormat(SqliteConnection connection) throws StoreFormatException, SQLException {
    int format = connection.number("PRAGMA user_version");
    int owner = connection.number("PRAGMA application_id");
    boolean empty = connection.number("SELECT count(*) FROM sqlite_schema") == 0;
    if (!empty && owner != applicationId) {
      throw new StoreFormatException(
          "%s is a database of another program, not %s. Choose another folder"
              .formatted(file, what));
    }
    if (format > steps.size()) {
      throw new StoreFormatException(
          "%s was written by a newer BlendNet (format %d; this one knows formats up to %d). Start the newer BlendNet, or choose another folder"
              .formatted(file, format, steps.size()));
    }
    return format;
  }

  private void migrate(SqliteConnection connection) throws IOException, SQLException {
    for (int step = requireKnownFormat(connection); step < steps.size(); step++) {
      connection.begin();
      try {
        connection.script(steps.get(step));
        connection.script("PRAGMA application_id = " + applicationId);
        connection.script("PRAGMA user_version = " + (step + 1));
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }
}
