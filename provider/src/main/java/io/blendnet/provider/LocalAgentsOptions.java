package io.blendnet.provider;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Agents on this computer.
 *
 * @param program the command line that runs this program, to which {@code agent ...} is added
 * @param folder for the agents' folders; made private when it is new
 * @param count how many agents, 1 to {@value #MOST}
 * @param cores that they share; each has the same number, at least one
 * @param blender the Blender that they run; empty: they look for one
 * @param settings further lines of their configuration
 * @param deadline for all of them to listen
 */
public record LocalAgentsOptions(
    List<String> program,
    Path folder,
    int count,
    int cores,
    Optional<Path> blender,
    List<String> settings,
    Duration deadline) {
  /** More agents than that on one computer are taken for a slip of the hand. */
  public static final int MOST = 64;

  public LocalAgentsOptions {
    program = List.copyOf(program);
    settings = List.copyOf(settings);
    folder = folder.toAbsolutePath().normalize();
    if (count < 1 || count > MOST) {
      throw new IllegalArgumentException(
          "Agents on one computer are 1 to %d, not %d".formatted(MOST, count));
    }
    if (cores < 1) {
      throw new IllegalArgumentException("A computer has at least one core, not " + cores);
    }
  }

  int coresEach() {
    return Math.max(1, cores / count);
  }
}
