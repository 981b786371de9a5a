package io.blendnet.agent;

import io.blendnet.blender.BlenderLine;
import io.blendnet.blender.SessionException;
import io.blendnet.protocol.SceneOrder;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scene that is open, kept from frame to frame of the same project and settings. One at a time,
 * beside one that was opened ahead: a Blender with a large scene takes a machine's memory, and a
 * lease of another project closes it.
 *
 * <p>Belongs to the worker's thread, but for {@link #kill}, {@link #isOpen} and {@link #memory}.
 */
final class SceneSessions implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(SceneSessions.class);

  private final SceneOpener opener;
  private final SceneAhead ahead;
  private volatile Optional<OpenScene> open = Optional.empty();
  private volatile Optional<LiveBlender> opening = Optional.empty();

  /** What of the scene before is still being removed. */
  private Optional<Thread> leaving = Optional.empty();

  SceneSessions(SceneOpener opener, SceneAhead ahead) {
    this.opener = opener;
    this.ahead = ahead;
  }

  /**
   * A scene, taken over where it was opened ahead, opened where it is not open.
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
    Optional<OpenScene> before = open;
    if (ahead.take(order, output, scene -> open = Optional.of(scene))) {
      LOG.info("Took over {}", order.project());
      if (before.isPresent()) {
        leave(before.get());
      }
      return open.orElseThrow();
    }
    drop();
    try {
      OpenScene scene = opener.open(order, output, blender -> opening = Optional.of(blender));
      LOG.info("Opened {} in {} ms", order.project(), scene.opening().toMillis());
      open = Optional.of(scene);
      return scene;
    } finally {
      opening = Optional.empty();
    }
  }

  /** Frees the memory at once, and leaves the files to others: there may be ten thousands. */
  private void leave(OpenScene scene) throws InterruptedException {
    scene.session().kill();
    awaitLeaving();
    leaving = Optional.of(Thread.ofVirtual().name("scene-leaves").start(scene::close));
  }

  private void awaitLeaving() throws InterruptedException {
    if (leaving.isPresent()) {
      leaving.get().join();
    }
  }

  /** Whether a scene is open, or was opened ahead, and its Blender lives. */
  boolean isOpen(SceneOrder order) {
    return open.filter(scene -> isUsable(scene, order)).isPresent() || ahead.isReady(order);
  }

  private static boolean isUsable(OpenScene scene, SceneOrder order) {
    return scene.order().equals(order) && scene.session().isAlive();
  }

  /** How long the open scene took to open. */
  Optional<Duration> openingTime() {
    return open.map(OpenScene::opening);
  }

  /** The most memory that the open scene's Blender has used, in bytes; empty: unknown. */
  OptionalLong memory() {
    Optional<OpenScene> scene = open;
    return scene.isPresent() ? scene.get().session().memory() : OptionalLong.empty();
  }

  /** Closes the open scene; nobody renders it now. */
  void drop() {
    Optional<OpenScene> scene = open;
    open = Optional.empty();
    scene.ifPresent(OpenScene::close);
  }

  /** Ends the Blender in use, from any thread: its step fails at once. */
  void kill() {
    ahead.killTaken();
    opening.ifPresent(blender -> blender.session().kill());
    open.ifPresent(scene -> scene.session().kill());
  }

  @Override
  public void close() {
    ahead.close();
    drop();
    try {
      awaitLeaving();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
