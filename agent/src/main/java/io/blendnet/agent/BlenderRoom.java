package io.blendnet.agent;

import io.blendnet.blender.ComposedFileOnDisk;
import io.blendnet.blender.ComposedPicture;
import io.blendnet.blender.Confinement;
import io.blendnet.blender.Sandbox;
import io.blendnet.security.FolderTree;
import io.blendnet.security.PrivateFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The folder of one Blender: all that a sandbox shows it of the agent's data. The files of its
 * scene come into it, and results are taken out of it. What lies among the results is a scene's
 * doing and not to be believed, least of all its links.
 */
final class BlenderRoom implements Closeable {
  private final Path folder;
  private final Optional<Sandbox> sandbox;

  private BlenderRoom(Path folder, Optional<Sandbox> sandbox) {
    this.folder = folder;
    this.sandbox = sandbox;
  }

  /**
   * Makes a room.
   *
   * @param parent private folder of all rooms
   * @param sandbox that Blender will be in
   */
  static BlenderRoom create(Path parent, Optional<Sandbox> sandbox) throws IOException {
    BlenderRoom room = new BlenderRoom(parent.resolve(UUID.randomUUID().toString()), sandbox);
    try {
      PrivateFiles.createFolder(room.folder);
      room.letRead(PrivateFiles.createFolder(room.workspace()));
      room.letWrite(PrivateFiles.createFolder(room.results()));
      return room;
    } catch (IOException e) {
      room.close();
      throw e;
    }
  }

  /** For Blender's session. */
  Path session() {
    return folder.resolve("session");
  }

  /** For the scene's files, which Blender reads. */
  Path workspace() {
    return folder.resolve("workspace");
  }

  /** Where Blender writes. */
  private Path results() {
    return folder.resolve("results");
  }

  boolean isConfined() {
    return sandbox.isPresent();
  }

  /** What the sandbox shows of it. */
  Optional<Confinement> confinement(ScenePolicy policy) {
    List<Path> readable = new ArrayList<>(policy.folders());
    readable.add(workspace());
    return sandbox.map(box -> new Confinement(box, policy.network(), readable, List.of(results())));
  }

  /** Opens a file to Blender, or a folder without what is in it. */
  void letRead(Path path) throws IOException {
    if (sandbox.isPresent()) {
      sandbox.get().letRead(path);
    }
  }

  private void letWrite(Path path) throws IOException {
    if (sandbox.isPresent()) {
      sandbox.get().letWrite(path);
    }
  }

  /** A name for a result that nobody else has. */
  Path newResult(String extension) {
    return results().resolve(UUID.randomUUID() + extension);
  }

  /** A new folder for results. */
  Path newResultFolder() throws IOException {
    Path created = Files.createDirectory(newResult(""));
    letWrite(created);
    return created;
  }

  /**
   * Moves a result out.
   *
   * @param result as Blender was told, or told
   * @throws IOException it is not there, or no file
   */
  void take(Path result, Path target) throws IOException {
    UntrustedFolder.move(results(), result, target);
  }

  /**
   * Moves the files of a picture out.
   *
   * @param from a result folder
   * @param to where they get the same names
   */
  ComposedPicture take(ComposedPicture picture, Path from, Path to) throws IOException {
    List<ComposedFileOnDisk> files = new ArrayList<>();
    for (ComposedFileOnDisk file : picture.files()) {
      Path path = file.path().normalize();
      if (!path.startsWith(from)) {
        throw new IOException("Blender names a file outside of its folder: " + file.path());
      }
      Path target = to.resolve(from.relativize(path));
      Files.createDirectories(target.resolveSibling("."));
      take(path, target);
      files.add(new ComposedFileOnDisk(target, file.contentType()));
    }
    return new ComposedPicture(files, picture.warnings());
  }

  /** Removes a result, or a folder of results, where it is there. */
  void discard(Path result) {
    UntrustedFolder.discard(results(), result);
  }

  /** Removes everything. Nobody may be at work here any more. */
  @Override
  public void close() {
    FolderTree.discard(folder);
  }
}
