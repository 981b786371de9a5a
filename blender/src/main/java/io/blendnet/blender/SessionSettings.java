package io.blendnet.blender;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of a session.
 *
 * @param folder a folder for this session alone. It is made private to this user, holds scripts,
 *     temporary files and Blender's user folder, and is removed with the session
 * @param threads that Blender starts with, 0 (all cores) to {@value #MOST_THREADS}
 * @param deadlines when a step counts as hung
 * @param confinement the sandbox that Blender runs in; empty: it runs as we do
 */
public record SessionSettings(
    Path folder, int threads, SessionDeadlines deadlines, Optional<Confinement> confinement) {
  /** Blender's own limit ({@code BLENDER_MAX_THREADS}). */
  public static final int MOST_THREADS = 1024;

  public SessionSettings {
    if (threads < 0 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "Threads are 0 (all cores) to %d, not %d".formatted(MOST_THREADS, threads));
    }
    folder = folder.toAbsolutePath();
  }

  /** Without a sandbox. */
  public SessionSettings(Path folder, int threads, SessionDeadlines deadlines) {
    this(folder, threads, deadlines, Optional.empty());
  }

  /** Without a sandbox, with the default deadlines. */
  public SessionSettings(Path folder, int threads) {
    this(folder, threads, SessionDeadlines.DEFAULT);
  }
}
