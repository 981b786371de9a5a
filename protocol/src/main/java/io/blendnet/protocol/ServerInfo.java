package io.blendnet.protocol;

import io.blendnet.domain.BlenderVersion;
import java.util.Optional;

/**
 * What {@code GET info} says.
 *
 * @param engine {@code Manager} or {@code Agent}
 * @param blender the Blender at hand, where there is one
 * @param scenes how an agent runs scenes
 */
public record ServerInfo(
    String engine,
    String version,
    Platform platform,
    Optional<BlenderInfo> blender,
    Optional<SceneInfo> scenes) {
  /**
   * The machine.
   *
   * @param system operating system, such as {@code Linux}
   * @param arch such as {@code x86_64}
   * @param name host name
   * @param details operating system with its version
   * @param cpu model name of the processor
   */
  public record Platform(String system, String arch, String name, String details, String cpu) {}

  /** A Blender. */
  public record BlenderInfo(BlenderVersion version, String versionString, String buildDate) {}

  /**
   * What keeps scenes from the machine that renders them.
   *
   * @param sandboxed whether Blender runs in a sandbox
   * @param sandbox which one, or why there is none
   * @param trustedScripts whether scripts run of scenes that their submitters trust
   * @param network whether scenes have the machine's network
   */
  public record SceneInfo(
      boolean sandboxed, String sandbox, boolean trustedScripts, boolean network) {}
}
