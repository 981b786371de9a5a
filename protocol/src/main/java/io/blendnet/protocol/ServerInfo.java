package io.blendnet.protocol;

import io.blendnet.domain.BlenderVersion;
import java.util.Optional;

/**
 * What {@code GET info} says.
 *
 * @param engine {@code Manager} or {@code Agent}
 * @param blender the Blender at hand, where there is one
 */
public record ServerInfo(
    String engine, String version, Platform platform, Optional<BlenderInfo> blender) {
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
}
