package io.blendnet.agent;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WirePaths;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Paths of files in a workspace: they come from outside and must not lead out of it. */
final class WorkspacePaths {
  static final String PROJECT = "project";
  static final String DEPENDENCIES = "ext_deps";

  private static final Set<String> ROOTS = Set.of(PROJECT, DEPENDENCIES);

  private WorkspacePaths() {}

  /**
   * Checks the files of a scene.
   *
   * @throws InvalidFieldException a path leads elsewhere, one is a folder of another, a sum is
   *     none, or the .blend is not among the files
   */
  static void check(SceneOrder order) {
    for (Map.Entry<String, String> file : order.files().entrySet()) {
      checkPath(file.getKey());
      if (!BlobId.isValid(file.getValue())) {
        throw refuse("'%s' has no SHA-256 in lower-case hex".formatted(file.getKey()));
      }
    }
    TreeSet<String> folders = new TreeSet<>();
    for (String path : order.files().keySet()) {
      for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
        folders.add(path.substring(0, end));
      }
    }
    order.files().keySet().stream()
        .filter(folders::contains)
        .findFirst()
        .ifPresent(path -> {
          throw refuse("'%s' is a file and a folder of other files".formatted(path));
        });
    if (!order.files().containsKey(order.project())) {
      throw refuse("the project '%s' is not among the files".formatted(order.project()));
    }
  }

  /** Where a file of a workspace lies. */
  static Path resolve(Path folder, String path) {
    Path resolved = folder.resolve(path).normalize();
    if (!resolved.startsWith(folder)) {
      throw refuse("'%s' leads out of the workspace".formatted(path));
    }
    return resolved;
  }

  private static void checkPath(String path) {
    int slash = path.indexOf('/');
    if (slash < 0 || !ROOTS.contains(path.substring(0, slash))) {
      throw refuse("'%s' begins with neither project/ nor ext_deps/".formatted(path));
    }
    if (!WirePaths.normalise("scene.files", path).equals(path)) {
      throw refuse("'%s' is not written in its shortest form".formatted(path));
    }
    try {
      var _ = Path.of(path);
    } catch (InvalidPathException e) {
      throw refuse("this computer cannot have a file '%s': %s".formatted(path, e.getReason()));
    }
  }

  private static InvalidFieldException refuse(String reason) {
    return new InvalidFieldException("scene.files", "'scene.files': " + reason);
  }
}
