package io.blendnet.storage;

import io.blendnet.security.PrivateFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads SQLite's native library, once in a process, by way of a folder of ours. By itself the
 * driver unpacks it into the folder for temporary files, where it stays for ever when the process
 * is killed, and where some computers let nothing be executed.
 */
final class SqliteDriver {
  /** The driver's own settings, for those who put the library somewhere by themselves. */
  private static final String FOLDER_PROPERTY = "org.sqlite.tmpdir";

  private static final String LIBRARY_PROPERTY = "org.sqlite.lib.path";

  private static boolean loaded;

  private SqliteDriver() {}

  /** Loads it, if it is not. What a process left in the folder that was killed is removed. */
  static synchronized void loadIn(Path folder) throws IOException {
    if (loaded
        || System.getProperty(FOLDER_PROPERTY) != null
        || System.getProperty(LIBRARY_PROPERTY) != null) {
      return;
    }
    Path place = PrivateFiles.createFolder(folder.resolve("driver"));
    empty(place);
    System.setProperty(FOLDER_PROPERTY, place.toString());
    try {
      SQLiteJDBCLoader.initialize();
      loaded = true;
    } catch (Exception e) {
      throw FreeSpace.explain(
          new IOException("Cannot load SQLite by way of " + place + ": " + e.getMessage(), e),
          place,
          SqliteDatabase.PAGE);
    } finally {
      System.clearProperty(FOLDER_PROPERTY);
      removeIfPossible(place);
    }
  }

  /** A library that is loaded can be removed, except on Windows; there the next start does it. */
  private static void removeIfPossible(Path place) {
    try {
      empty(place);
      Files.delete(place);
    } catch (IOException e) {
      // Stays until the next start.
    }
  }

  private static void empty(Path place) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
