package io.blendnet.agent;

import io.blendnet.blender.BlenderLine;
import io.blendnet.blender.SceneRequest;
import io.blendnet.blender.SessionException;
import io.blendnet.domain.SceneFacts;
import io.blendnet.protocol.SceneOrder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scene that is open, kept from frame to frame of the same project and settings. One at a time:
 * a Blender with a large scene takes a machine's memory, and a lease of another project closes it.
 *
 * <p>Belongs to the worker's thread, but for {@link #kill} and {@link #isOpen}.
 */
final class SceneSessions implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(SceneSessions.class);

  private final SpareBlender spare;
  private final BlobCache blobs;
  private final Path workspaces;
  private final int threads;
  private volatile Optional<OpenScene> open = Optional.empty();
  private volatile Optional<LiveBlender> opening = Optional.empty();

  /**
   * @param workspaces an empty folder
   */
  SceneSessions(SpareBlender spare, BlobCache blobs, Path workspaces, int threads) {
    this.spare = spare;
    this.blobs = blobs;
    this.workspaces = workspaces;
    this.threads = threads;
  }

  /**
   * A scene, opened where it is not open.
   *
   * @param output gets Blender's lines from now on
   * @throws IOException the files cannot be laid out
   */
  OpenScene open(SceneOrder order, Consumer<BlenderLine> output)
      throws SessionException, IOException, InterruptedException {
    Optional<OpenScene> ready = open.filter(scene -> isUsable(scene, order));
    if (ready.isPresent()) {
      ready.get().blender().listen(output);
      return ready.get();
    }
    drop();
    long start = System.nanoTime();
    Path folder = Files.createDirectory(workspaces.resolve(UUID.randomUUID().toString()));
    Workspace workspace = Workspace.layOut(folder, order, blobs);
    try {
      LiveBlender blender = spare.take();
      opening = Optional.of(blender);
      blender.listen(output);
      SceneFacts facts = openIn(blender, order, workspace);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      LOG.info("Opened {} in {} ms", order.project(), took.toMillis());
      OpenScene scene = new OpenScene(order, blender, workspace, facts, took);
      open = Optional.of(scene);
      return scene;
    } catch (SessionException | InterruptedException | RuntimeException e) {
      workspace.close();
      throw e;
    } finally {
      opening = Optional.empty();
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

  /** Whether a scene is open and its Blender lives. */
  boolean isOpen(SceneOrder order) {
    return open.filter(scene -> isUsable(scene, order)).isPresent();
  }

  private static boolean isUsable(OpenScene scene, SceneOrder order) {
    return scene.order().equals(order) && scene.session().isAlive();
  }

  /** How long the open scene took to open. */
  Optional<Duration> openingTime() {
    return open.map(OpenScene::opening);
  }

  /** Closes the open scene; nobody renders it now. */
  void drop() {
    Optional<OpenScene> scene = open;
    open = Optional.empty();
    scene.ifPresent(OpenScene::close);
  }

  /** Ends the Blender in use, from any thread: its step fails at once. */
  void kill() {
    opening.ifPresent(blender -> blender.session().kill());
    open.ifPresent(scene -> scene.session().kill());
  }

  @Override
  public void close() {
    drop();
  }
}
