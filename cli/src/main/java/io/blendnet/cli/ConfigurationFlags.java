package io.blendnet.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say where a server's configuration is. */
final class ConfigurationFlags {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Configuration: lines of key = value, or the published protocol's JSON. "
              + "Default: manager.conf or manager.json (agent.conf or agent.json) in the "
              + "folder, if there is one.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "Where the configuration, server.key, server.crt and ca.crt are looked for. "
              + "Default: the working folder.")
  private Optional<Path> folder = Optional.empty();

  /** Reads a configuration file. */
  interface Reader {
    SettingsFile read(Path file) throws SettingsException;
  }

  Path folder() {
    return folder.orElse(Path.of("")).toAbsolutePath().normalize();
  }

  SettingsFile configuration(String name, Reader reader, SettingsFile none)
      throws SettingsException {
    Optional<Path> file =
        config.isPresent() ? config : ServerSettings.configurationIn(folder(), name);
    return file.isPresent() ? reader.read(file.get().toAbsolutePath()) : none;
  }
}
