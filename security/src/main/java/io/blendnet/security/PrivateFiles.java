package io.blendnet.security;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files and folders that only the user who runs this program can read: mode 0600 and 0700, on
 * Windows an access list of the owner alone. A file is private from its first moment on, and is
 * either wholly there, on the disk, or not at all. Thread-safe.
 */
public final class PrivateFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PrivateFiles.class);

  private PrivateFiles() {}

  /**
   * Creates a folder and those above it where they are missing, each private. Folders that exist
   * are left as they are: they may be the user's home.
   *
   * @return the folder
   */
  public static Path createFolder(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath();
    if (Files.isDirectory(absolute)) {
      return folder;
    }
    Path parent = absolute.getParent();
    if (parent != null) {
      createFolder(parent);
    }
    try {
      Files.createDirectory(absolute, OwnerOnly.of(absolute).folderAttributes());
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(absolute)) {
        throw new FileAlreadyExistsException(
            absolute.toString(), null, "a folder is needed here, but a file has that name");
      }
    }
    return folder;
  }

  /**
   * Opens a new, empty private file for reading and writing.
   *
   * @throws FileAlreadyExistsException when there is one already
   */
  public static FileChannel open(Path newFile) throws IOException {
    return FileChannel.open(
        newFile,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
        OwnerOnly.of(newFile).fileAttributes());
  }

  /**
   * Writes a new private file. Of two who create the same file at once, one succeeds.
   *
   * @throws FileAlreadyExistsException when there is one already; it is left as it is
   */
  public static void create(Path file, byte[] content) throws IOException {
    Path temporary = writeBeside(file, content);
    try {
      placeNew(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
    sync(folderOf(file));
  }

  /** Writes a private file in place of the one that may be there. */
  public static void replace(Path file, byte[] content) throws IOException {
    Path temporary = writeBeside(file, content);
    try {
      moveOver(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
    sync(folderOf(file));
  }

  /**
   * Reads a secret. Where others could read the file too, it is made private and a warning says so.
   *
   * @throws IOException when others can read it and this user may not change that
   */
  public static byte[] read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    protect(file);
    return Files.readAllBytes(file);
  }

  /** Whether nobody but the owner (and the system's administrator) can read or write it. */
  public static boolean isPrivate(Path fileOrFolder) throws IOException {
    return OwnerOnly.of(fileOrFolder).holds(fileOrFolder);
  }

  /**
   * Takes everybody else's rights to a file or folder away, and warns where they had any: what is
   * inside may be known.
   *
   * @throws IOException when others have rights to it and this user may not change that
   */
  public static void protect(Path fileOrFolder) throws IOException {
    if (restrict(fileOrFolder)) {
      LOG.warn("{} holds secrets and others could read it; it is private now", fileOrFolder);
    }
  }

  /**
   * Takes everybody else's rights to a file or folder away, as for a file that another program
   * made.
   *
   * @return whether they had any
   * @throws IOException when others have rights to it and this user may not change that
   */
  public static boolean restrict(Path fileOrFolder) throws IOException {
    if (isPrivate(fileOrFolder)) {
      return false;
    }
    try {
      OwnerOnly.of(fileOrFolder).apply(fileOrFolder);
      return true;
    } catch (IOException e) {
      throw new IOException(
          fileOrFolder
              + " should be private, but others on this computer can read it, and this user may not"
              + " change that. Give it to this user alone (chown, chmod go=), and take what is inside"
              + " as known",
          e);
    }
  }

  /** Makes new names and renames in a folder survive a power cut. Windows needs no such call. */
  public static void sync(Path folder) throws IOException {
    if (!OwnerOnly.of(folder).foldersCanBeSynced()) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path writeBeside(Path file, byte[] content) throws IOException {
    Path temporary = folderOf(file).resolve("." + UUID.randomUUID() + ".part");
    try (FileChannel channel = open(temporary)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    return temporary;
  }

  /** A hard link is the one portable way to "rename, unless there is one already" in one step. */
  private static void placeNew(Path temporary, Path file) throws IOException {
    try {
      Files.createLink(file, temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      // Some file systems (FAT, some network shares) know no links; a plain move refuses as well.
      Files.move(temporary, file);
    }
  }

  private static void moveOver(Path temporary, Path file) throws IOException {
    try {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Path folderOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("Not a file: " + file);
    }
    return parent;
  }
}
