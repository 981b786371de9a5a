package io.blendnet.cli;

import io.blendnet.agent.AgentLimits;
import io.blendnet.agent.ScenePolicy;
import io.blendnet.domain.AgentName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of {@code blendnet agent}.
 *
 * @param name what the agent calls itself in its log
 * @param cores for rendering, 1 to 1024; empty: all
 * @param blender the Blender to run; empty: one is looked for
 * @param unavailable how long no Manager may talk to the agent until it ends; zero: it waits for
 *     ever
 * @param notice how long it may take to deliver what is done when it is told to end
 * @param endCommand ends a rented machine when the agent has ended by itself
 * @param scenes what scenes may do here
 */
record AgentSettings(
    ServerSettings server,
    AgentName name,
    Optional<Integer> cores,
    Optional<Path> blender,
    Duration unavailable,
    Duration notice,
    EndCommand endCommand,
    ScenePolicy scenes) {
  static final int STANDARD_PORT = 9443;
  static final String STANDARD_DATA_FOLDER = "blendnet-agent";

  private static final SettingKey NAME =
      new SettingKey("instance-name", "agent", "what the agent calls itself");
  private static final SettingKey CORES =
      new SettingKey("cores", "all", "processor cores to render with, 1 to 1024");
  private static final SettingKey BLENDER =
      new SettingKey("blender", "looked for", "the Blender to run");
  static final SettingKey UNAVAILABLE =
      new SettingKey(
          "unavailable-timeout", "10m", "end when no Manager has called for so long; 0: never");
  static final SettingKey NOTICE =
      new SettingKey("notice", "30s", "time to deliver what is done when told to end");
  static final SettingKey END_COMMAND =
      new SettingKey(
          "end-command", "none", "ends a rented machine once the agent has ended itself");

  static List<SettingKey> keys() {
    var keys = new ArrayList<>(ServerSettings.keys(STANDARD_PORT, STANDARD_DATA_FOLDER));
    keys.addAll(List.of(NAME, CORES, BLENDER, UNAVAILABLE, NOTICE, END_COMMAND));
    keys.addAll(SceneSettings.keys());
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
        file.path(BLENDER),
        file.time(UNAVAILABLE).orElse(AgentLimits.DEFAULT.unavailable()),
        file.time(NOTICE).orElse(AgentLimits.DEFAULT.notice()),
        file.command(END_COMMAND),
        SceneSettings.from(file));
  }
}
