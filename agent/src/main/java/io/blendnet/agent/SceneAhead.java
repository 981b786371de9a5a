package io.blendnet.agent;

import io.blendnet.blender.BlenderLine;
import io.blendnet.blender.SessionClosedException;
import io.blendnet.blender.SessionException;
import io.blendnet.protocol.SceneOrder;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scene of a lease whose turn has not come, opened in a Blender of its own. One at most.
 * Thread-safe.
 *
 * <p>That it could not be opened is nobody's news: whoever needs it opens it then, and gets to know
 * why not. Until it is dropped or taken it is not tried again.
 */
final class SceneAhead implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(SceneAhead.class);

  private record Entry(SceneOrder order, HeldLines lines, Background<OpenScene> opening) {
    boolean isReady() {
      return opening.isReady() && opening.ready().session().isAlive();
    }
  }

  private final SceneOpener opener;
  private Optional<Entry> entry = Optional.empty();
  private Optional<SceneOrder> givenUp = Optional.empty();
  private Optional<Entry> beingTaken = Optional.empty();
  private boolean closed;

  SceneAhead(SceneOpener opener) {
    this.opener = opener;
  }

  /** Begins to open a scene, unless there is one. */
  synchronized void begin(SceneOrder order) {
    if (closed || order().isPresent()) {
      return;
    }
    HeldLines lines = new HeldLines();
    entry =
        Optional.of(
            new Entry(order, lines, Background.begin("scene-ahead", () -> open(order, lines))));
  }

  private OpenScene open(SceneOrder order, HeldLines lines)
      throws SessionException, IOException, InterruptedException {
    try {
      OpenScene scene = opener.open(order, lines, _ -> {});
      LOG.info("Opened {} ahead in {} ms", order.project(), scene.opening().toMillis());
      return scene;
    } catch (SessionException | IOException | InterruptedException | RuntimeException e) {
      LOG.info("{} was not opened ahead: {}", order.project(), e.toString());
      throw e;
    }
  }

  /** The scene that is open, or being opened, or that could not be or was given up. */
  synchronized Optional<SceneOrder> order() {
    return entry.map(Entry::order).or(() -> givenUp);
  }

  /** Whether a scene is open and its Blender lives. */
  synchronized boolean isReady(SceneOrder order) {
    return entry.filter(ahead -> ahead.order().equals(order) && ahead.isReady()).isPresent();
  }

  /**
   * Takes a scene over, waiting while it is being opened. Whatever is here instead is dropped.
   *
   * @param output gets what Blender has printed and will print
   * @param onTaken gets the scene; until then {@link #killTaken} kills it
   * @return false where it is not here or could not be opened
   * @throws SessionClosedException it was killed on the way
   */
  boolean take(SceneOrder order, Consumer<BlenderLine> output, Consumer<OpenScene> onTaken)
      throws SessionClosedException, InterruptedException {
    Optional<Entry> taken = remove();
    try {
      return taken.isPresent() && take(taken.get(), order, output, onTaken);
    } finally {
      synchronized (this) {
        beingTaken = Optional.empty();
      }
    }
  }

  private static boolean take(
      Entry taken, SceneOrder order, Consumer<BlenderLine> output, Consumer<OpenScene> onTaken)
      throws SessionClosedException, InterruptedException {
    if (!taken.order().equals(order)) {
      taken.opening().end();
      return false;
    }
    try {
      OpenScene scene = taken.opening().await();
      if (!scene.session().isAlive()) {
        scene.close();
        return false;
      }
      taken.lines().tell(output);
      onTaken.accept(scene);
      return true;
    } catch (InterruptedException e) {
      taken.opening().end();
      throw e;
    } catch (ExecutionException e) {
      return switch (e.getCause()) {
        case SessionClosedException killed -> throw killed;
        case InterruptedException _ -> throw new SessionClosedException("opening the scene");
        case null, default -> false;
      };
    }
  }

  private synchronized Optional<Entry> remove() {
    beingTaken = entry;
    entry = Optional.empty();
    givenUp = Optional.empty();
    return beingTaken;
  }

  /** Ends the Blender of the scene that is being taken. */
  synchronized void killTaken() {
    beingTaken.ifPresent(taken -> {
      taken.opening().interrupt();
      if (taken.opening().isReady()) {
        taken.opening().ready().session().kill();
      }
    });
  }

  /** Ends it; it stays noted, so that it is not begun again. */
  void giveUp() {
    Optional<Entry> ended;
    synchronized (this) {
      ended = entry;
      entry = Optional.empty();
      givenUp = ended.map(Entry::order).or(() -> givenUp);
    }
    ended.ifPresent(ahead -> ahead.opening().end());
  }

  /** Ends and forgets it. On return nothing of it is left. */
  void drop() {
    giveUp();
    synchronized (this) {
      givenUp = Optional.empty();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    drop();
  }
}
