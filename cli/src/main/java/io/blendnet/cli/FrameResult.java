package io.blendnet.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What became of a frame. */
sealed interface FrameResult {
  int frame();

  /**
   * The picture is saved.
   *
   * @param picture as the scene's owner asked for it
   * @param layers the assembled multilayer EXR, where the Manager keeps one
   * @param rendering from when the task was sent until it was saved
   * @param warnings for the user
   */
  record Saved(
      int frame, Path picture, Optional<Path> layers, Duration rendering, List<String> warnings)
      implements FrameResult {
    public Saved {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * There is no picture.
   *
   * @param reason a sentence for the user
   */
  record Failed(int frame, String reason) implements FrameResult {}
}
