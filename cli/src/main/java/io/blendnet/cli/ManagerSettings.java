package io.blendnet.cli;

import io.blendnet.agent.ScenePolicy;
import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.StorageRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of {@code blendnet manager}.
 *
 * @param localAgents how many agents to start on this computer, 0 to 64
 * @param blender for these agents; empty: one is looked for
 * @param stopWhenIdle how long no task may be active until the Manager ends; empty: it stays
 * @param agentIdle how long a rented agent may have nothing to do until it is given back; zero: it
 *     is kept
 * @param storage how much the Manager stores, and for how long
 * @param endCommand ends a rented machine when the Manager has ended by itself
 * @param scenes what scenes may do with local agents
 */
record ManagerSettings(
    ServerSettings server,
    int localAgents,
    Optional<Path> blender,
    Optional<Duration> stopWhenIdle,
    Duration agentIdle,
    StorageRules storage,
    EndCommand endCommand,
    ScenePolicy scenes) {
  static final int STANDARD_PORT = 8443;
  static final String STANDARD_DATA_FOLDER = "blendnet-manager";

  static final SettingKey LOCAL_AGENTS =
      new SettingKey("local-agents", "0", "agents to start on this computer, 0 to 64");
  private static final SettingKey BLENDER =
      new SettingKey("blender", "looked for", "the Blender that local agents run");
  static final SettingKey STOP_WHEN_IDLE =
      new SettingKey("stop-when-idle", "0", "end when no task was active for so long; 0: never");
  static final SettingKey AGENT_IDLE =
      new SettingKey("agent-idle", "5m", "give rented agents back after so long; 0: never");
  static final SettingKey KEEP_UNUSED_FILES =
      new SettingKey(
          "keep-unused-files", "24h", "how long files stay that no task uses, at least 1h");
  static final SettingKey STORAGE_LIMIT =
      new SettingKey(
          "storage-limit", "0", "refuse uploads beyond so many bytes of files; 0: the disk's size");
  static final SettingKey END_COMMAND =
      new SettingKey(
          "end-command", "none", "ends a rented machine once the Manager has ended itself");

  static List<SettingKey> keys() {
    var keys = new ArrayList<>(ServerSettings.keys(STANDARD_PORT, STANDARD_DATA_FOLDER));
    keys.addAll(
        List.of(
            LOCAL_AGENTS,
            BLENDER,
            STOP_WHEN_IDLE,
            AGENT_IDLE,
            KEEP_UNUSED_FILES,
            STORAGE_LIMIT,
            END_COMMAND));
    keys.addAll(SceneSettings.keys());
    return List.copyOf(keys);
  }

  static SettingsFile read(Path file) throws SettingsException {
    var ignored = new ArrayList<>(ServerSettings.IGNORED);
    ignored.add("instance-name");
    return SettingsFile.read(file, keys(), ignored);
  }

  static ManagerSettings from(SettingsFile file, Path folder) throws SettingsException {
    return new ManagerSettings(
        ServerSettings.from(file, folder, STANDARD_PORT, STANDARD_DATA_FOLDER),
        file.integer(LOCAL_AGENTS, 0, 64).orElse(0),
        file.path(BLENDER),
        file.time(STOP_WHEN_IDLE).filter(Duration::isPositive),
        file.time(AGENT_IDLE).orElse(ManagerOptions.STANDARD_AGENT_IDLE),
        new StorageRules(
            file.time(KEEP_UNUSED_FILES).orElse(StorageRules.DEFAULT.keepUnused()),
            file.bytes(STORAGE_LIMIT)
                .filter(bytes -> bytes > 0)
                .orElse(StorageRules.DEFAULT.limit())),
        file.command(END_COMMAND),
        SceneSettings.from(file));
  }
}
