package io.blendnet.agent;

import java.nio.file.Path;
import java.util.List;

/**
 * What the owner of a computer allows scenes that come from elsewhere.
 *
 * @param sandbox whether Blender runs in a sandbox
 * @param scripts whether scripts and drivers run of scenes that their submitters trust
 * @param network whether scenes have the computer's network in the sandbox; outside they have it
 * @param folders that Blender may read in the sandbox beside its own and the scene's
 */
public record ScenePolicy(
    SandboxUse sandbox, Scripts scripts, boolean network, List<Path> folders) {
  /** When Blender runs in a sandbox. */
  public enum SandboxUse {
    /** Where there is one. */
    AUTO,
    /** Always: without one the agent does not start. */
    REQUIRED,
    /** Never. */
    OFF
  }

  /** Where trusted scripts run. Scripts that the submitter does not trust never do. */
  public enum Scripts {
    /** In a sandbox alone. */
    SANDBOXED,
    /** Nowhere. */
    REFUSED,
    /** Also where there is no sandbox: as the agent's own user, with all that this user may. */
    UNCONFINED
  }

  /** A sandbox where there is one, scripts in it alone, no network, no further folder. */
  public static final ScenePolicy DEFAULT =
      new ScenePolicy(SandboxUse.AUTO, Scripts.SANDBOXED, false, List.of());

  public ScenePolicy {
    folders = List.copyOf(folders);
  }
}
