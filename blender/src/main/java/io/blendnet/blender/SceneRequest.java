package io.blendnet.blender;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The scene to open, and what the user overrides in it.
 *
 * @param blend the .blend file
 * @param threads for rendering, 0 (all cores) to 1024
 * @param trustScripts whether scripts and drivers in the .blend may run
 * @param samples samples a pixel instead of the scene's own, at least 1
 * @param seed seed instead of the scene's own, from 0
 * @param useCompositor false: the picture is the plain render
 * @param projectPath absolute folder of the project on the submitting machine, in that machine's
 *     notation
 * @param workingPath absolute working folder of the submitter, in that machine's notation
 * @param projectFolder where the files of the project lie here
 * @param dependenciesFolder where all other files lie here, by their absolute path
 */
public record SceneRequest(
    Path blend,
    int threads,
    boolean trustScripts,
    Optional<Integer> samples,
    Optional<Integer> seed,
    boolean useCompositor,
    Optional<String> projectPath,
    Optional<String> workingPath,
    Path projectFolder,
    Path dependenciesFolder) {
  public SceneRequest {
    if (threads < 0 || threads > SessionSettings.MOST_THREADS) {
      throw new IllegalArgumentException(
          "Threads are 0 (all cores) to %d, not %d"
              .formatted(SessionSettings.MOST_THREADS, threads));
    }
    if (samples.isPresent() && samples.get() < 1) {
      throw new IllegalArgumentException("Samples are at least 1, not " + samples.get());
    }
    if (seed.isPresent() && seed.get() < 0) {
      throw new IllegalArgumentException("A seed is at least 0, not " + seed.get());
    }
    blend = blend.toAbsolutePath();
    projectFolder = projectFolder.toAbsolutePath();
    dependenciesFolder = dependenciesFolder.toAbsolutePath();
  }
}
