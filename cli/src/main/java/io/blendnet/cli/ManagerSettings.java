package io.blendnet.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of {@code blendnet manager}.
 *
 * @param localAgents how many agents to start on this computer, 0 to 64
 * @param blender for these agents; empty: one is looked for
 */
record ManagerSettings(ServerSettings server, int localAgents, Optional<Path> blender) {
  static final int STANDARD_PORT = 8443;
  static final String STANDARD_DATA_FOLDER = "blendnet-manager";

  private static final SettingKey LOCAL_AGENTS =
      new SettingKey("local-agents", "0", "agents to start on this computer, 0 to 64");
  private static final SettingKey BLENDER =
      new SettingKey("blender", "looked for", "the Blender that local agents run");

  static List<SettingKey> keys() {
    var keys = new ArrayList<>(ServerSettings.keys(STANDARD_PORT, STANDARD_DATA_FOLDER));
    keys.add(LOCAL_AGENTS);
    keys.add(BLENDER);
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
        file.path(BLENDER));
  }
}
