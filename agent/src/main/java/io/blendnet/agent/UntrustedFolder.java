package io.blendnet.agent;

import io.blendnet.security.FolderTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder in which somebody else puts, renames and links whatever they like at this very moment: a
 * scene's script in its sandbox. What is taken out of it is a file that lay in it, and never what a
 * link points to; so one step goes down at a time, from open folder to open folder ({@code
 * openat(2)} with {@code O_NOFOLLOW}), never by a path. Systems without such calls have no sandbox
 * either.
 */
final class UntrustedFolder {
  private static final Logger LOG = LoggerFactory.getLogger(UntrustedFolder.class);

  /** Deeper than what anybody means; the rest goes with the whole room. */
  private static final int DEEPEST = 64;

  private UntrustedFolder() {}

  /**
   * Moves a file out.
   *
   * @param folder that nobody but us can rename
   * @param file somewhere below it
   * @param target on the same disk, in a folder of ours
   * @throws IOException it is not there, or no file
   */
  static void move(Path folder, Path file, Path target) throws IOException {
    Path wanted = file.normalize();
    if (!wanted.startsWith(folder) || wanted.equals(folder)) {
      throw new IOException("Blender names a file outside of its folder: " + file);
    }
    try (DirectoryStream<Path> top = Files.newDirectoryStream(folder);
        DirectoryStream<Path> ours = Files.newDirectoryStream(parent(target))) {
      if (top instanceof SecureDirectoryStream<Path> from
          && ours instanceof SecureDirectoryStream<Path> to) {
        move(from, folder.relativize(wanted), to, name(target));
      } else {
        Files.move(wanted, target);
      }
    }
    // As it lies where only we can change it.
    if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(target);
      throw new IOException("Blender left something else than a file as " + file);
    }
  }

  private static void move(
      SecureDirectoryStream<Path> from, Path path, SecureDirectoryStream<Path> to, Path name)
      throws IOException {
    if (path.getNameCount() == 1) {
      from.move(path, to, name);
      return;
    }
    try (SecureDirectoryStream<Path> below =
        from.newDirectoryStream(path.getName(0), LinkOption.NOFOLLOW_LINKS)) {
      move(below, path.subpath(1, path.getNameCount()), to, name);
    }
  }

  /** Removes a file, or a folder with all that is in it; what cannot be removed is left. */
  static void discard(Path folder, Path entry) {
    try (DirectoryStream<Path> top = Files.newDirectoryStream(folder)) {
      if (top instanceof SecureDirectoryStream<Path> from) {
        delete(from, name(entry), DEEPEST);
      } else {
        FolderTree.delete(entry);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("{} is gone", entry, e);
    } catch (IOException e) {
      LOG.warn("Cannot remove {}: {}", entry, e.toString());
    }
  }

  private static void delete(SecureDirectoryStream<Path> in, Path name, int depth)
      throws IOException {
    boolean isFolder =
        in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .readAttributes()
            .isDirectory();
    if (!isFolder) {
      in.deleteFile(name);
      return;
    }
    if (depth > 0) {
      try (SecureDirectoryStream<Path> below =
          in.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
        List<Path> names = new ArrayList<>();
        below.forEach(path -> names.add(name(path)));
        for (Path inside : names) {
          delete(below, inside, depth - 1);
        }
      }
    }
    in.deleteDirectory(name);
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("Not in a folder: " + file);
    }
    return parent;
  }

  private static Path name(Path path) {
    Path name = path.getFileName();
    if (name == null) {
      throw new IllegalArgumentException("Without a name: " + path);
    }
    return name;
  }
}
