package io.blendnet.agent;

import io.blendnet.blender.BlenderLine;
import io.blendnet.blender.SceneRequest;
import io.blendnet.blender.SessionException;
import io.blendnet.domain.SceneFacts;
import io.blendnet.protocol.SceneOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** Lays a scene's files out and opens it in a Blender of its own. Thread-safe. */
final class SceneOpener {
  private final SpareBlender spare;
  private final SceneRules rules;
  private final BlobCache blobs;
  private final int threads;

  /**
   * @param threads to render with
   */
  SceneOpener(SpareBlender spare, SceneRules rules, BlobCache blobs, int threads) {
    this.spare = spare;
    this.rules = rules;
    this.blobs = blobs;
    this.threads = threads;
  }

  /**
   * Opens a scene, from nothing. Interrupting it ends it, and leaves nothing.
   *
   * @param output gets Blender's lines from now on
   * @param onStarted gets the Blender in which the scene is opened
   * @throws SessionException also where its scripts may not run here
   * @throws IOException the files cannot be laid out
   */
  OpenScene open(SceneOrder order, Consumer<BlenderLine> output, Consumer<LiveBlender> onStarted)
      throws SessionException, IOException, InterruptedException {
    long start = System.nanoTime();
    LiveBlender blender = spare.take();
    try {
      onStarted.accept(blender);
      rules.check(order, blender.room().isConfined());
      Workspace workspace = Workspace.layOut(blender.room(), order, blobs);
      blender.listen(output);
      SceneFacts facts = openIn(blender, order, workspace);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new OpenScene(order, blender, workspace, facts, took);
    } catch (SessionException | IOException | RuntimeException e) {
      blender.close();
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
      blender.session().kill();
      workspace.close();
      throw e;
    }
  }
}
