package io.blendnet.cli;

import io.blendnet.domain.AgentName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of {@code blendnet agent}.
 *
 * @param name what the agent calls itself in its log
 * @param cores for rendering, 1 to 1024; empty: all
 * @param blender the Blender to run; empty: one is looked for
 */
record AgentSettings(
    ServerSettings server, AgentName name, Optional<Integer> cores, Optional<Path> blender) {
  static final int STANDARD_PORT = 9443;
  static final String STANDARD_DATA_FOLDER = "blendnet-agent";

  private static final SettingKey NAME =
      new SettingKey("instance-name", "agent", "what the agent calls itself");
  private static final SettingKey CORES =
      new SettingKey("cores", "all", "processor cores to render with, 1 to 1024");
  private static final SettingKey BLENDER =
      new SettingKey("blender", "looked for", "the Blender to run");

  static List<SettingKey> keys() {
    var keys = new ArrayList<>(ServerSettings.keys(STANDARD_PORT, STANDARD_DATA_FOLDER));
    keys.addAll(List.of(NAME, CORES, BLENDER));
    return List.copyOf(keys);
  }

  static SettingsFile read(Path file) throws SettingsException {
    return SettingsFile.read(file, keys(), ServerSettings.IGNORED);
  }

  static AgentSettings from(SettingsFile file, Path folder) throws SettingsException {
    String name = file.text(NAME).orElse("agent");
    if (!AgentName.isValid(name)) {
      throw file.wrong(
          NAME, "is '%s', not 1 to 100 letters, digits, '.', '_' and '-'".formatted(name));
    }
    return new AgentSettings(
        ServerSettings.from(file, folder, STANDARD_PORT, STANDARD_DATA_FOLDER),
        new AgentName(name),
        file.integer(CORES, 1, 1024),
        file.path(BLENDER));
  }
}
