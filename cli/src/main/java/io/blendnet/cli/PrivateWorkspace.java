package io.blendnet.cli;

import io.blendnet.security.FolderTree;
import io.blendnet.security.PrivateFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A private folder for the time of one command, removed at its end. One whose command was killed is
 * removed by the next command: a lock on a file in it tells whether its owner lives.
 */
final class PrivateWorkspace implements Closeable {
  private static final String PREFIX = "farm-";
  private static final String LOCK = "in-use";

  private final Path folder;
  private final FileChannel lock;

  private PrivateWorkspace(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  static PrivateWorkspace createIn(Path parent) throws IOException {
    PrivateFiles.createFolder(parent);
    sweep(parent);
    Path folder = PrivateFiles.createFolder(parent.resolve(PREFIX + UUID.randomUUID()));
    FileChannel lock = PrivateFiles.open(folder.resolve(LOCK));
    if (lock.tryLock() == null) {
      throw new IOException("Somebody else has locked the new folder " + folder);
    }
    return new PrivateWorkspace(folder, lock);
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() throws IOException {
    lock.close();
    FolderTree.delete(folder);
  }

  private static void sweep(Path parent) throws IOException {
    List<Path> left;
    try (Stream<Path> entries = Files.list(parent)) {
      left = entries.filter(entry -> entry.getFileName().toString().startsWith(PREFIX)).toList();
    }
    for (Path folder : left) {
      if (isAbandoned(folder)) {
        FolderTree.delete(folder);
      }
    }
  }

  private static boolean isAbandoned(Path folder) {
    try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        var own = channel.tryLock()) {
      return own != null;
    } catch (IOException e) {
      // Just being made by another command, or being removed.
      return false;
    }
  }
}
