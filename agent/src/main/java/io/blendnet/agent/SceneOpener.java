package io.blendnet.agent;

import io.blendnet.blender.BlenderLine;
import io.blendnet.blender.SceneRequest;
import io.blendnet.blender.SessionException;
import io.blendnet.domain.SceneFacts;
import io.blendnet.protocol.SceneOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;

/** Lays a scene's files out and opens it in a Blender of its own. Thread-safe. */
final class SceneOpener {
  private final SpareBlender spare;
  private final BlobCache blobs;
  private final Path workspaces;
  private final int threads;

  /**
   * @param workspaces an empty folder
   * @param threads to render with
   */
  SceneOpener(SpareBlender spare, BlobCache blobs, Path workspaces, int threads) {
    this.spare = spare;
    this.blobs = blobs;
    this.workspaces = workspaces;
    this.threads = threads;
  }

  /**
   * Opens a scene, from nothing. Interrupting it ends it, and leaves nothing.
   *
   * @param output gets Blender's lines from now on
   * @param onStarted gets the Blender in which the scene is opened
   * @throws IOException the files cannot be laid out
   */
  OpenScene open(SceneOrder order, Consumer<BlenderLine> output, Consumer<LiveBlender> onStarted)
      throws SessionException, IOException, InterruptedException {
    long start = System.nanoTime();
    Path folder = Files.createDirectory(workspaces.resolve(UUID.randomUUID().toString()));
    Workspace workspace = Workspace.layOut(folder, order, blobs);
    try {
      LiveBlender blender = spare.take();
      onStarted.accept(blender);
      blender.listen(output);
      SceneFacts facts = openIn(blender, order, workspace);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new OpenScene(order, blender, workspace, facts, took);
    } catch (SessionException | InterruptedException | RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  private SceneFacts openIn(LiveBlender blender, SceneOrder order, Workspace workspace)
      throws SessionException {
    try {
      return blender
          .session()
          .open(
              new SceneRequest(
                  workspace.blend(),
                  threads,
                  order.trustScripts(),
                  order.samples(),
                  order.seed(),
                  order.useCompositor(),
                  order.projectPath(),
                  order.workingPath(),
                  workspace.projectFolder(),
                  workspace.dependenciesFolder()));
    } catch (SessionException | RuntimeException e) {
      blender.close();
      throw e;
    }
  }
}
