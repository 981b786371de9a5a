package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Copies the blobs that a farm's database refers to, and the index that goes with them. */
final class BlobCopies {
  private static final int PAGE_OF_IDS = 1_000;

  /** Deliveries first: they go when their frame is assembled, the others when a user says so. */
  static final List<String> REFERENCES =
      List.of(
          references("delivery", "blob"),
          references("file", "blob"),
          references("task", "preview"),
          references("task", "render"),
          references("task", "compose"));

  private final Path original;
  private final Path copy;
  private final BooleanSupplier ended;

  /**
   * Copies from one folder of blobs to another.
   *
   * @param original of a Manager that may be at work
   * @param copy private, empty
   * @param ended whether nobody wants it any more; asked before each blob
   */
  BlobCopies(Path original, Path copy, BooleanSupplier ended) {
    this.original = original;
    this.copy = copy;
    this.ended = ended;
  }

  /**
   * What the copy holds.
   *
   * @param bytes of all blobs
   */
  record Total(long blobs, long bytes) {}

  private static String references(String table, String column) {
    // Each has an index on this column, and a page of it is read without the rows.
    return "SELECT DISTINCT %2$s AS blob FROM %1$s WHERE %2$s > ? ORDER BY %2$s LIMIT ?"
        .formatted(table, column);
  }

  /**
   * Copies what the database refers to and is not copied yet.
   *
   * @return those that are not there
   */
  Set<BlobId> take(SqliteConnection database) throws IOException, SQLException {
    Set<BlobId> missing = new LinkedHashSet<>();
    for (String references : REFERENCES) {
      List<BlobId> page = page(database, references, "");
      while (!page.isEmpty()) {
        for (BlobId id : page) {
          if (!take(id)) {
            missing.add(id);
          }
        }
        page = page(database, references, page.getLast().sha256());
      }
    }
    return missing;
  }

  private static List<BlobId> page(SqliteConnection database, String references, String after)
      throws SQLException {
    return database.list(row -> new BlobId(row.text("blob")), references, after, PAGE_OF_IDS);
  }

  /** Whether it is there. */
  private boolean take(BlobId id) throws IOException {
    requireWanted();
    Path place = FileBlobStore.path(copy, id);
    if (Files.exists(place)) {
      return true;
    }
    PrivateFiles.createFolder(FileBlobStore.shelf(copy, id));
    Path bytes = FileBlobStore.path(original, id);
    try {
      Files.createLink(place, bytes);
      return true;
    } catch (NoSuchFileException _) {
      return false;
    } catch (FileSystemException | UnsupportedOperationException _) {
      // Another file system, or one that knows no links or has too many to this file.
      return copy(bytes, place);
    }
  }

  private boolean copy(Path bytes, Path place) throws IOException {
    Path temporary = copy.resolve("incoming.part");
    long size = 0;
    try (InputStream from = Files.newInputStream(bytes);
        FileChannel to = PrivateFiles.open(temporary)) {
      size = Files.size(bytes);
      from.transferTo(Channels.newOutputStream(to));
      to.force(true);
      Files.setLastModifiedTime(temporary, Files.getLastModifiedTime(bytes));
    } catch (NoSuchFileException _) {
      Files.deleteIfExists(temporary);
      return false;
    } catch (IOException e) {
      throw FreeSpace.explain(e, copy, Math.max(size, Checksums.BUFFER));
    }
    Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  /**
   * Reads every copied blob, and writes their index.
   *
   * @param database the copied one
   * @throws IOException when a blob that it refers to is damaged
   */
  Total verify(SqliteConnection database) throws IOException, SQLException {
    long blobs = 0;
    long bytes = 0;
    try (BlobIndex index = BlobIndex.open(copy.resolve(FileBlobStore.INDEX_FILE))) {
      for (int number = 0; number < 256; number++) {
        String digits = "%02x".formatted(number);
        Path shelf = copy.resolve(digits);
        if (!Files.isDirectory(shelf)) {
          continue;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(shelf)) {
          for (Path file : files) {
            Optional<Blob> blob = verify(new BlobId(digits + file.getFileName()), file, database);
            if (blob.isPresent()) {
              index.add(blob.get(), Optional.empty(), BlobStore.NEVER);
              blobs++;
              bytes += blob.get().size();
            }
          }
        }
      }
      index.setCleanMark();
    }
    return new Total(blobs, bytes);
  }

  /** Empty where it is damaged, which nobody minds: it went out of use while others were copied. */
  private Optional<Blob> verify(BlobId id, Path file, SqliteConnection database)
      throws IOException, SQLException {
    requireWanted();
    Checksums.Sums sums = Checksums.of(file);
    if (sums.id().equals(id)) {
      return Optional.of(new Blob(id, sums.size(), Files.getLastModifiedTime(file).toInstant()));
    }
    Optional<String> user = user(database, id);
    if (user.isPresent()) {
      throw new IOException(
          "Blob %s is damaged: the content of %s is not what its name says. It is %s; remove that task, or restore the file from an earlier backup"
              .formatted(id, FileBlobStore.path(original, id), user.get()));
    }
    Files.delete(file);
    return Optional.empty();
  }

  private void requireWanted() throws InterruptedIOException {
    if (ended.getAsBoolean()) {
      throw new InterruptedIOException("The backup was ended before it was whole");
    }
  }

  /** What a blob is, in words; empty where nothing refers to it. */
  static Optional<String> user(SqliteConnection database, BlobId id) throws SQLException {
    return database.first(
        row -> "%s of task '%s'".formatted(row.text("what"), row.text("name")),
        """
        SELECT 'file ' || path AS what, name FROM file JOIN task ON id = task WHERE blob = ?1
        UNION ALL
        SELECT 'the delivery of a cell', name FROM delivery JOIN task ON id = task WHERE blob = ?1
        UNION ALL SELECT 'the preview', name FROM task WHERE preview = ?1
        UNION ALL SELECT 'the frame', name FROM task WHERE render = ?1
        UNION ALL SELECT 'the picture', name FROM task WHERE compose = ?1
        LIMIT 1
        """,
        id);
  }
}
