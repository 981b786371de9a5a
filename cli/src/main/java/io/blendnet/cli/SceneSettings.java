package io.blendnet.cli;

import io.blendnet.agent.ScenePolicy;
import io.blendnet.agent.ScenePolicy.SandboxUse;
import io.blendnet.agent.ScenePolicy.Scripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What scenes may do on a computer that renders, as its owner configures it. */
final class SceneSettings {
  static final SettingKey SANDBOX =
      new SettingKey(
          "scene-sandbox",
          "auto",
          "run Blender in a sandbox: auto (where there is one), required, off");
  static final SettingKey SCRIPTS =
      new SettingKey(
          "scene-scripts",
          "sandboxed",
          "where trusted scripts run: sandboxed, refused, unconfined");
  static final SettingKey NETWORK =
      new SettingKey(
          "scene-network", "no", "whether scenes have the network in the sandbox: yes, no");
  static final SettingKey FOLDERS =
      new SettingKey(
          "scene-folders", "none", "more folders that Blender may read in the sandbox, by commas");

  private SceneSettings() {}

  static List<SettingKey> keys() {
    return List.of(SANDBOX, SCRIPTS, NETWORK, FOLDERS);
  }

  static ScenePolicy from(SettingsFile file) throws SettingsException {
    return new ScenePolicy(
        choice(file, SANDBOX, SandboxUse.values(), ScenePolicy.DEFAULT.sandbox()),
        choice(file, SCRIPTS, Scripts.values(), ScenePolicy.DEFAULT.scripts()),
        choice(file, NETWORK, YesOrNo.values(), YesOrNo.NO) == YesOrNo.YES,
        folders(file));
  }

  /** The same, for the configuration of another agent. */
  static List<String> lines(ScenePolicy scenes) {
    List<String> lines = new ArrayList<>();
    lines.add(line(SANDBOX, word(scenes.sandbox())));
    lines.add(line(SCRIPTS, word(scenes.scripts())));
    lines.add(line(NETWORK, word(scenes.network() ? YesOrNo.YES : YesOrNo.NO)));
    if (!scenes.folders().isEmpty()) {
      lines.add(
          line(
              FOLDERS,
              scenes.folders().stream().map(Path::toString).collect(Collectors.joining(", "))));
    }
    return List.copyOf(lines);
  }

  private static String line(SettingKey key, String value) {
    return key.name() + " = " + value;
  }

  private enum YesOrNo {
    YES,
    NO
  }

  private static <E extends Enum<E>> E choice(
      SettingsFile file, SettingKey key, E[] choices, E standard) throws SettingsException {
    var text = file.text(key);
    if (text.isEmpty()) {
      return standard;
    }
    for (E choice : choices) {
      if (word(choice).equals(text.get())) {
        return choice;
      }
    }
    throw file.wrong(
        key,
        "is '%s', not one of %s"
            .formatted(
                text.get(),
                Arrays.stream(choices).map(SceneSettings::word).collect(Collectors.joining(", "))));
  }

  /** As it is written in the file. */
  static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  private static List<Path> folders(SettingsFile file) throws SettingsException {
    List<Path> folders = new ArrayList<>();
    for (String name : file.list(FOLDERS)) {
      Path folder = Path.of(name);
      if (!folder.isAbsolute() || !Files.exists(folder)) {
        throw file.wrong(
            FOLDERS, "names '%s', and should name folders from / on that exist".formatted(name));
      }
      folders.add(folder);
    }
    return List.copyOf(folders);
  }
}
