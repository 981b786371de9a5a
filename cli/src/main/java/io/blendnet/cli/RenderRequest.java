package io.blendnet.cli;

import io.blendnet.domain.Strategy;
import io.blendnet.protocol.TaskPriority;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a user wants rendered.
 *
 * @param blend absolute path of the scene
 * @param samples samples a pixel instead of the scene's own
 * @param priority of its frames on a Manager that others use too
 * @param agents how many; empty: one on this computer, all on a given Manager
 * @param output folder for the pictures, absolute
 * @param allowMissing whether to go on without files that the scene needs
 * @param trustScripts whether scripts and drivers in the .blend may run
 * @param blender the Blender to take on this computer; empty: one is looked for
 * @param manager the Manager to use; empty: one of our own for this time
 * @param home where one of our own lives
 */
record RenderRequest(
    Path blend,
    FrameList frames,
    Optional<Integer> samples,
    Strategy strategy,
    TaskPriority priority,
    Optional<Integer> agents,
    Path output,
    boolean allowMissing,
    boolean trustScripts,
    Optional<Path> blender,
    Optional<ManagerAccess> manager,
    ManagerHome home) {
  /** The same on a farm of our own whose servers are processes of their own. */
  RenderRequest onOwnProcesses(int count) {
    return new RenderRequest(
        blend,
        frames,
        samples,
        strategy,
        priority,
        Optional.of(count),
        output,
        allowMissing,
        trustScripts,
        blender,
        Optional.empty(),
        ManagerHome.OWN_PROCESS);
  }
}
