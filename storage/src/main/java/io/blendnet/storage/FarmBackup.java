package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import io.blendnet.security.FolderTree;
import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.StoreFormatException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A copy of a farm, taken while its Manager works and does not notice. It grows under another name,
 * {@code TARGET.<random>.part}, and gets its own when it is whole, verified and on the disk; what a
 * killed backup left behind can be removed. Files and folders are private. Thread-safe.
 */
public final class FarmBackup implements Closeable {
  /** What one misses was most likely removed in the moment since it was taken. */
  private static final int MOST_SNAPSHOTS = 100;

  /** A blob that as many snapshots in a row refer to and is not there is not coming back. */
  private static final int SNAPSHOTS_UNTIL_LOST = 5;

  private final Path target;
  private final Path unfinished;
  private volatile boolean ended;

  private FarmBackup(Path target, Path unfinished) {
    this.target = target;
    this.unfinished = unfinished;
  }

  /**
   * What a copy of a farm holds.
   *
   * @param tasks their number
   * @param blobs their number
   * @param bytes of all blobs
   */
  public record Contents(long tasks, long blobs, long bytes) {}

  /**
   * Begins a backup.
   *
   * @param target does not exist yet; the folders above it are made, private, where they are
   *     missing
   * @throws FileAlreadyExistsException when something is there
   */
  public static FarmBackup begin(Path target) throws IOException {
    Path place = target.toAbsolutePath().normalize();
    requireAbsent(place);
    Path unfinished =
        place.resolveSibling("%s.%s.part".formatted(place.getFileName(), UUID.randomUUID()));
    return new FarmBackup(place, PrivateFiles.createFolder(unfinished));
  }

  /**
   * Copies the data folder of a Manager: the database as it is at one moment, and every blob that
   * it refers to then. Blobs are linked where the target lies on the same file system.
   *
   * @param folder of the farm's store, with its blobs in {@value FileBlobStore#FOLDER}
   * @param name of its copy in the target
   * @throws NoSuchFileException when there is no farm in the folder
   * @throws StoreFormatException when the database is damaged, no farm, or of a newer BlendNet
   * @throws StorageFullException when the copy does not fit
   * @throws IOException when a blob is lost or damaged, with what it belongs to
   */
  public synchronized Contents farm(Path folder, String name) throws IOException {
    requireWanted();
    SqliteDatabase original = SqliteFarmStore.databaseIn(folder);
    if (!Files.isRegularFile(original.file())) {
      throw noFarm(original);
    }
    Path copyFolder = PrivateFiles.createFolder(unfinished.resolve(name));
    SqliteDriver.loadIn(copyFolder);
    SqliteDatabase copy = SqliteFarmStore.databaseIn(copyFolder);
    BlobCopies blobs =
        new BlobCopies(
            folder.toRealPath().resolve(FileBlobStore.FOLDER),
            PrivateFiles.createFolder(copyFolder.resolve(FileBlobStore.FOLDER)),
            () -> ended);
    try (SqliteConnection reader = original.openReader()) {
      if (original.requireKnownFormat(reader) == 0) {
        throw noFarm(original);
      }
      // Most of the bytes travel here, while no snapshot keeps the Manager's log from being reused.
      blobs.take(reader);
      takeSnapshot(reader, blobs, copy);
    } catch (SQLException e) {
      throw original.explain(e, 0);
    }
    try (SqliteConnection reader = copy.openReader()) {
      requireWhole(reader, copy);
      BlobCopies.Total total = blobs.verify(reader);
      long tasks = reader.number("SELECT count(*) FROM task");
      return new Contents(tasks, total.blobs(), total.bytes());
    } catch (SQLException e) {
      throw copy.explain(e, Checksums.BUFFER);
    }
  }

  private static NoSuchFileException noFarm(SqliteDatabase database) {
    return new NoSuchFileException(database.file().toString(), null, "there is no farm");
  }

  private static void takeSnapshot(SqliteConnection reader, BlobCopies blobs, SqliteDatabase copy)
      throws IOException, SQLException {
    Set<BlobId> suspects = Set.of();
    int missed = 0;
    for (int attempt = 0; attempt < MOST_SNAPSHOTS; attempt++) {
      reader.beginReading();
      try {
        Set<BlobId> missing = blobs.take(reader);
        if (missing.isEmpty()) {
          copyDatabase(reader, copy);
          return;
        }
        if (Collections.disjoint(suspects, missing)) {
          suspects = missing;
          missed = 0;
        }
        suspects.retainAll(missing);
        missed++;
        if (missed == SNAPSHOTS_UNTIL_LOST) {
          throw new IOException(lost(reader, suspects));
        }
      } finally {
        reader.rollback();
      }
    }
    throw new IOException("The farm changes faster than it can be copied; try again later");
  }

  private static String lost(SqliteConnection reader, Set<BlobId> missing) throws SQLException {
    BlobId first = missing.iterator().next();
    return "The Manager's folder lacks %d blobs that its database refers to, such as %s, which is %s. Remove that task, or restore an earlier backup"
        .formatted(missing.size(), first, BlobCopies.user(reader, first).orElse("not in use"));
  }

  private static void copyDatabase(SqliteConnection reader, SqliteDatabase copy)
      throws IOException {
    PrivateFiles.open(copy.file()).close();
    try {
      reader.copyTo(copy.file());
    } catch (SQLException e) {
      throw copy.explain(e, Checksums.BUFFER);
    }
    try (FileChannel channel = FileChannel.open(copy.file(), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static void requireWhole(SqliteConnection reader, SqliteDatabase copy)
      throws StoreFormatException, SQLException {
    Optional<String> verdict =
        reader.first(row -> row.text("quick_check"), "PRAGMA quick_check(1)");
    if (!verdict.equals(Optional.of("ok"))) {
      throw new StoreFormatException(
          "The copy %s is damaged (%s). The disk of one of both may be failing; check it, and try again"
              .formatted(copy.file(), verdict.orElse("no verdict")));
    }
  }

  /**
   * Copies a file that belongs to the farm, or a folder of them; nothing happens where there is
   * none.
   *
   * @param name of the copy in the target, with slashes where it lies deeper
   */
  public synchronized void files(Path source, String name) throws IOException {
    requireWanted();
    if (!Files.exists(source)) {
      return;
    }
    Path copy = unfinished.resolve(name);
    for (Path path : everythingIn(source)) {
      Path place = path.equals(source) ? copy : copy.resolve(source.relativize(path).toString());
      if (Files.isRegularFile(path)) {
        copyFile(path, place);
      }
    }
  }

  private static void copyFile(Path source, Path copy) throws IOException {
    Path folder = parentOf(copy);
    PrivateFiles.createFolder(folder);
    try (FileChannel channel = PrivateFiles.open(copy)) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(source));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      throw FreeSpace.explain(e, folder, SqliteDatabase.PAGE);
    }
  }

  /**
   * Gives the backup its name.
   *
   * @throws FileAlreadyExistsException when somebody else has taken it meanwhile
   */
  public synchronized void finish() throws IOException {
    requireWanted();
    for (Path path : everythingIn(unfinished)) {
      if (Files.isDirectory(path)) {
        PrivateFiles.sync(path);
      }
    }
    requireAbsent(target);
    Files.move(unfinished, target);
    PrivateFiles.sync(parentOf(target));
  }

  /**
   * Removes what is there of a backup that was not finished; one at work in another thread ends
   * with an exception, after the file at hand.
   */
  @Override
  public void close() throws IOException {
    ended = true;
    remove();
  }

  private synchronized void remove() throws IOException {
    FolderTree.delete(unfinished);
  }

  /** A folder stands before what is in it. */
  private static List<Path> everythingIn(Path place) throws IOException {
    try (Stream<Path> paths = Files.walk(place)) {
      return paths.toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void requireWanted() throws InterruptedIOException {
    if (ended) {
      throw new InterruptedIOException("The backup was ended before it was whole");
    }
  }

  private static void requireAbsent(Path target) throws FileAlreadyExistsException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(
          target.toString(), null, "a backup goes to a place of its own");
    }
  }

  private static Path parentOf(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("No file or folder of its own: " + path);
    }
    return parent;
  }
}
