package io.blendnet.agent;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.WirePaths;
import io.blendnet.server.ApiException;
import io.blendnet.storage.spi.Blob;
import java.util.HashMap;
import java.util.Map;

/** The scene of a task as a lease names it: files where a workspace has them. */
final class StandAloneScene {
  private StandAloneScene() {}

  /**
   * Puts files and configuration together.
   *
   * @throws ApiException the task is not ready to run
   */
  static SceneOrder of(TaskConfig config, Map<String, Blob> files) {
    String project =
        WirePaths.projectFile(config)
            .map(path -> WirePaths.inWorkspace(path, config))
            .orElseThrow(
                () -> notReady("The task names no project; send 'project' with its config first"));
    Map<String, String> workspace = new HashMap<>();
    files.forEach((path, blob) -> {
      String target = WirePaths.inWorkspace(WirePaths.onSubmitter(path, config), config);
      String sum = blob.id().sha256();
      String other = workspace.putIfAbsent(target, sum);
      if (other != null && !other.equals(sum)) {
        throw notReady("Two different files of the task are '%s' to the scene".formatted(target));
      }
    });
    if (!workspace.containsKey(project)) {
      throw notReady(
          "The project '%s' is not among the task's files; upload it first"
              .formatted(config.project().orElse("")));
    }
    SceneOrder order =
        new SceneOrder(
            project,
            config.projectPath(),
            config.cwdPath(),
            workspace,
            config.samples(),
            config.seed(),
            config.useCompositingNodes().orElse(true),
            config.trustScripts().orElse(false));
    try {
      WorkspacePaths.check(order);
    } catch (InvalidFieldException e) {
      throw notReady(e.getMessage());
    }
    return order;
  }

  private static ApiException notReady(String message) {
    return new ApiException(ErrorCode.NOT_READY, message);
  }
}
