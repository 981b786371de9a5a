package io.blendnet.manager;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.MalformedJsonException;
import io.blendnet.protocol.ParsedTaskConfig;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.WireJson;
import io.blendnet.protocol.WirePaths;
import io.blendnet.server.ApiException;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.TaskRow;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Turns a task's configuration and files into the scene that agents open. */
final class SceneOrders {
  private SceneOrders() {}

  static TaskConfig config(TaskRow row) {
    if (row.config().isEmpty()) {
      return TaskConfig.EMPTY;
    }
    try {
      return ParsedTaskConfig.parse(row.config().getBytes(StandardCharsets.UTF_8)).config();
    } catch (MalformedJsonException e) {
      throw new IllegalStateException("The store holds a configuration that is no JSON", e);
    }
  }

  static String json(TaskConfig config) {
    return new String(WireJson.write(config), StandardCharsets.UTF_8);
  }

  /**
   * The scene of a task.
   *
   * @throws ApiException the task is not ready: it names no project, or the project was not
   *     uploaded
   */
  static SceneOrder of(TaskName task, TaskConfig config, List<FileRow> files) {
    String project =
        WirePaths.projectFile(config)
            .map(path -> WirePaths.inWorkspace(path, config))
            .orElseThrow(() ->
                new ApiException(
                    ErrorCode.NOT_READY,
                    "Task '%s' has no 'project': configure the path of its .blend first"
                        .formatted(task)));
    Map<String, String> blobs = new TreeMap<>();
    for (FileRow file : files) {
      if (OutputFiles.isOutput(file)) {
        continue;
      }
      String path = WirePaths.inWorkspace(WirePaths.onSubmitter(file.path(), config), config);
      blobs.put(path, file.blob().sha256());
    }
    if (!blobs.containsKey(project)) {
      throw new ApiException(
          ErrorCode.NOT_READY,
          "The project '%s' of task '%s' was not uploaded; its files are: %s"
              .formatted(
                  config.project().orElse(""), task, files.isEmpty() ? "none" : names(files)));
    }
    return new SceneOrder(
        project,
        config.projectPath(),
        config.cwdPath(),
        blobs,
        config.samples(),
        config.seed(),
        config.useCompositingNodes().orElse(true),
        config.trustScripts().orElse(false));
  }

  /**
   * Equal for scenes that can share a session. As short with thousands of files as with one: the
   * scheduler looks things up by it all the time.
   */
  static String key(SceneOrder scene) {
    SceneOrder sorted =
        new SceneOrder(
            scene.project(),
            scene.projectPath(),
            scene.workingPath(),
            Map.of(),
            scene.samples(),
            scene.seed(),
            scene.useCompositor(),
            scene.trustScripts());
    return sha256(sorted + " " + new TreeMap<>(scene.files()));
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static String names(List<FileRow> files) {
    return String.join(", ", files.stream().limit(5).map(FileRow::path).toList());
  }
}
