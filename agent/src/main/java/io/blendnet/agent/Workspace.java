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
import java.util.UUID;
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

  private final BlenderRoom room;
  private final Path folder;
  private final SceneOrder order;
  private final BlobCache blobs;
  private final Map<Path, Linked> links = new HashMap<>();

  private Workspace(BlenderRoom room, SceneOrder order, BlobCache blobs) {
    this.room = room;
    this.folder = room.workspace();
    this.order = order;
    this.blobs = blobs;
  }

  /**
   * Lays the files of a scene out.
   *
   * @param room without a scene so far
   * @param order whose paths have passed {@link WorkspacePaths#check}
   * @throws IOException a blob is missing, or the disk is full
   */
  static Workspace layOut(BlenderRoom room, SceneOrder order, BlobCache blobs) throws IOException {
    Workspace workspace = new Workspace(room, order, blobs);
    try {
      workspace.createFolders(workspace.projectFolder());
      workspace.createFolders(workspace.dependenciesFolder());
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
    createFolders(folderOf(target));
    if (linkOrCopy(source, target)) {
      BasicFileAttributes now = attributes(target);
      links.put(target, new Linked(blob, now.size(), now.lastModifiedTime()));
    }
  }

  /**
   * Lays a blob beside the scene's files, for Blender to read.
   *
   * @return where it lies, until {@link #takeBack}
   */
  Path lend(BlobId blob) throws IOException {
    Path target = folder.resolve(UUID.randomUUID() + ".exr");
    var _ = linkOrCopy(blobs.file(blob), target);
    return target;
  }

  /** Removes what was lent. */
  void takeBack(Path lent) {
    DeliveryShelf.delete(lent);
  }

  /**
   * @return whether it is a link
   */
  private boolean linkOrCopy(Path source, Path target) throws IOException {
    boolean linked = isLinked(source, target);
    if (!linked) {
      Files.copy(source, target);
    }
    room.letRead(target);
    return linked;
  }

  private static boolean isLinked(Path source, Path target) {
    try {
      Files.createLink(target, source);
      return true;
    } catch (UnsupportedOperationException | IOException e) {
      // No links across file systems, too many links to one file, or a share without links; a copy
      // fails in turn where something else is wrong.
      return false;
    }
  }

  /** One by one, since each has to be opened to Blender. */
  private void createFolders(Path wanted) throws IOException {
    if (Files.isDirectory(wanted)) {
      return;
    }
    createFolders(folderOf(wanted));
    Files.createDirectory(wanted);
    room.letRead(wanted);
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
