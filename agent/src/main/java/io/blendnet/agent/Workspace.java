package io.blendnet.agent;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.security.FolderTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder in which the files of a scene lie as its rewritten paths say: {@code project/...} and
 * {@code ext_deps/...}. They are hard links to the blobs where the file system has such, else
 * copies. A blob that a scene's script has written to is thrown away in the end.
 */
final class Workspace implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);

  /** How a linked blob looked when it was laid out. */
  private record Linked(BlobId blob, long size, FileTime modified) {}

  private final Path folder;
  private final SceneOrder order;
  private final BlobCache blobs;
  private final Map<Path, Linked> links = new HashMap<>();

  private Workspace(Path folder, SceneOrder order, BlobCache blobs) {
    this.folder = folder;
    this.order = order;
    this.blobs = blobs;
  }

  /**
   * Lays the files of a scene out.
   *
   * @param folder empty
   * @param order whose paths have passed {@link WorkspacePaths#check}
   * @throws IOException a blob is missing, or the disk is full
   */
  static Workspace layOut(Path folder, SceneOrder order, BlobCache blobs) throws IOException {
    Workspace workspace = new Workspace(folder, order, blobs);
    try {
      Files.createDirectories(workspace.projectFolder());
      Files.createDirectories(workspace.dependenciesFolder());
      for (Map.Entry<String, String> file : order.files().entrySet()) {
        workspace.place(file.getKey(), new BlobId(file.getValue()));
      }
      return workspace;
    } catch (IOException | RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  Path blend() {
    return WorkspacePaths.resolve(folder, order.project());
  }

  Path projectFolder() {
    return folder.resolve(WorkspacePaths.PROJECT);
  }

  Path dependenciesFolder() {
    return folder.resolve(WorkspacePaths.DEPENDENCIES);
  }

  private void place(String path, BlobId blob) throws IOException {
    Path source = blobs.file(blob);
    Path target = WorkspacePaths.resolve(folder, path);
    Files.createDirectories(folderOf(target));
    try {
      Files.createLink(target, source);
    } catch (UnsupportedOperationException e) {
      Files.copy(source, target);
      return;
    } catch (IOException e) {
      // No links across file systems, too many links to one file, or a share without links; a copy
      // fails in turn where something else is wrong.
      Files.copy(source, target);
      return;
    }
    BasicFileAttributes now = attributes(target);
    links.put(target, new Linked(blob, now.size(), now.lastModifiedTime()));
  }

  @Override
  public void close() {
    links.forEach(this::throwAwayIfWrittenTo);
    FolderTree.discard(folder);
  }

  private void throwAwayIfWrittenTo(Path file, Linked linked) {
    try {
      BasicFileAttributes now = attributes(blobs.file(linked.blob()));
      if (now.size() != linked.size() || !now.lastModifiedTime().equals(linked.modified())) {
        LOG.warn("{} was written to while it was rendered; its blob is thrown away", file);
        blobs.throwAway(linked.blob());
      }
    } catch (IOException e) {
      LOG.debug("The blob of {} is gone", file, e);
    }
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static Path folderOf(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("Not a file: " + file);
    }
    return parent;
  }
}
