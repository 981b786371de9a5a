package io.blendnet.agent;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.Sandbox;
import io.blendnet.blender.SessionClosedException;
import io.blendnet.blender.SessionDeadlines;
import io.blendnet.blender.SessionException;
import io.blendnet.blender.SessionFailure;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Starts Blenders, each in a room of its own and in the sandbox, where there is one. Thread-safe.
 *
 * <p>Not every Blender can live in one: a snap brings its own. Whether this one can shows at the
 * first start, when no scene has been opened yet.
 */
final class SandboxedStarter implements BlenderStarter {
  private final BlenderInstallation blender;
  private final Path rooms;
  private final int threads;
  private final SessionDeadlines deadlines;
  private final SceneRules rules;

  /** Whether this Blender has started in the sandbox; what fails later has other causes. */
  private volatile boolean proved;

  /**
   * @param rooms a private folder
   * @param threads to render with
   */
  SandboxedStarter(
      BlenderInstallation blender,
      Path rooms,
      int threads,
      SessionDeadlines deadlines,
      SceneRules rules) {
    this.blender = blender;
    this.rooms = rooms;
    this.threads = threads;
    this.deadlines = deadlines;
    this.rules = rules;
  }

  @Override
  public LiveBlender start() throws SessionException {
    Optional<Sandbox> sandbox = rules.sandbox();
    try {
      LiveBlender started = start(sandbox);
      proved |= sandbox.isPresent();
      return started;
    } catch (SessionClosedException e) {
      throw e;
    } catch (SessionException e) {
      if (sandbox.isEmpty()
          || proved
          || !rules.allowNoSandbox()
          || e.failure() == SessionFailure.MEMORY) {
        throw e;
      }
      LiveBlender free = start(Optional.empty());
      rules.giveUpSandbox("This Blender does not start in it: " + reason(e) + ".");
      return free;
    }
  }

  private LiveBlender start(Optional<Sandbox> sandbox) throws SessionException {
    return LiveBlender.start(blender, rooms, sandbox, rules.policy(), threads, deadlines);
  }

  private static String reason(SessionException failure) {
    return failure.lines().isEmpty() ? failure.getMessage() : failure.lines().getLast();
  }
}
