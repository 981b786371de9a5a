package io.blendnet.security;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Folders with all that is in them. Links are removed, never followed. Thread-safe. */
public final class FolderTree {
  private static final Logger LOG = LoggerFactory.getLogger(FolderTree.class);

  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private FolderTree() {}

  /**
   * A private, empty folder: what lay in it is removed.
   *
   * @return the folder
   */
  public static Path emptied(Path folder) throws IOException {
    delete(folder);
    return PrivateFiles.createFolder(folder);
  }

  /**
   * Removes a folder where it is there. Files that somebody else removes meanwhile are no error.
   */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes)
              throws IOException {
            own(visited);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path visited, IOException failure)
              throws IOException {
            if (!Files.isDirectory(visited, LinkOption.NOFOLLOW_LINKS) || !own(visited)) {
              throw failure;
            }
            delete(visited);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Gives its owner, us, all rights to a folder: whoever made it may have kept them from everybody.
   *
   * @return whether they were missing
   */
  private static boolean own(Path folder) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null || view.readAttributes().permissions().containsAll(OWNERS)) {
      return false;
    }
    // Links have no rights of their own, and this is none.
    Files.setPosixFilePermissions(folder, OWNERS);
    return true;
  }

  /** Removes a folder that nobody needs; what cannot be removed is logged and left. */
  public static void discard(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      LOG.warn("Cannot remove the folder {}: {}", folder, e.toString());
    }
  }
}
