package io.blendnet.cli;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.BlenderSession;
import io.blendnet.blender.SceneRequest;
import io.blendnet.blender.SessionException;
import io.blendnet.blender.SessionSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Opens a scene in a Blender on this computer and asks what it needs. */
final class SceneInspection {
  private final BlenderInstallation blender;
  private final Path folder;

  /**
   * @param folder for the session, which removes it at its end
   */
  SceneInspection(BlenderInstallation blender, Path folder) {
    this.blender = blender;
    this.folder = folder;
  }

  /** Whether a file can be a scene at all, told without a Blender. */
  static void requireScene(Path blend) throws CommandException {
    if (Files.isDirectory(blend)) {
      throw CommandException.usage(blend + " is a folder, not a .blend file.");
    }
    if (!Files.exists(blend)) {
      throw CommandException.usage("There is no file " + blend + ".");
    }
    if (!Files.isReadable(blend)) {
      throw CommandException.environment("This user may not read " + blend + ".");
    }
  }

  InspectedScene inspect(RenderRequest request) throws CommandException {
    Path blend = request.blend();
    Path project = Optional.ofNullable(blend.getParent()).orElse(blend);
    // Every file stays where it is: the project's folder is the project's folder, and any other
    // path begins at the root.
    var scene =
        new SceneRequest(
            blend,
            0,
            request.trustScripts(),
            request.samples(),
            Optional.empty(),
            true,
            Optional.of(project.toString()),
            Optional.empty(),
            project,
            Optional.ofNullable(blend.getRoot()).orElse(project));
    try (BlenderSession session =
        BlenderSession.start(blender, new SessionSettings(folder, 0), _ -> {})) {
      var facts = session.open(scene);
      var contents = session.files(request.frames().frames());
      return new InspectedScene(blend, request.frames().frames(), facts, contents);
    } catch (SessionException e) {
      throw switch (e.failure()) {
        case SCENE -> CommandException.failed(e.getMessage());
        case MEMORY, BLENDER, MACHINE, REFUSED -> CommandException.environment(said(e));
      };
    }
  }

  private static String said(SessionException e) {
    return e.lines().isEmpty()
        ? String.valueOf(e.getMessage())
        : e.getMessage() + System.lineSeparator() + "  " + String.join("\n  ", e.lines());
  }
}
