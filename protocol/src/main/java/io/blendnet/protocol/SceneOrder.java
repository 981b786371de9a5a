package io.blendnet.protocol;

import java.util.Map;
import java.util.Optional;

/**
 * The scene that a lease is about: files by content, and the settings that the user overrides. Two
 * equal orders share one session.
 *
 * @param project workspace path of the .blend, such as {@code project/scene.blend}
 * @param projectPath absolute folder of the project on the submitting machine, where known
 * @param workingPath absolute working folder of the submitter, where known
 * @param files workspace path to SHA-256 of the content
 * @param samples samples a pixel instead of the scene's own, at least 1
 * @param seed seed instead of the scene's own, 0 to 2147483647
 * @param useCompositor false: the picture is the plain render
 * @param trustScripts whether scripts and drivers in the .blend may run
 */
public record SceneOrder(
    String project,
    Optional<String> projectPath,
    Optional<String> workingPath,
    Map<String, String> files,
    Optional<Integer> samples,
    Optional<Integer> seed,
    boolean useCompositor,
    boolean trustScripts) {
  public SceneOrder {
    files = Map.copyOf(files);
  }
}
