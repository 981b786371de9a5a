package io.blendnet.blender;

import java.io.Serial;
import java.util.List;

/**
 * The session was ended by its owner, with {@link BlenderSession#kill()} or {@link
 * BlenderSession#close()}, before the step was done. Nothing is wrong with Blender or the scene.
 */
public final class SessionClosedException extends SessionException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * @param step what was not done, as in "opening the scene"
   */
  public SessionClosedException(String step) {
    super(
        SessionFailure.BLENDER,
        "The session was ended while " + step + " or before it.",
        List.of());
  }
}
