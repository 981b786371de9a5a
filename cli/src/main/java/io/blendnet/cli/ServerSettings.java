package io.blendnet.cli;

import io.blendnet.security.PrivateFiles;
import io.blendnet.security.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What both servers are told by their configuration.
 *
 * @param folder where the configuration stands; {@code server.key}, {@code server.crt} and {@code
 *     ca.crt} are looked for here
 * @param listenHost address or host name to listen on
 * @param listenPort 1 to 65535, or 0 for one that the system chooses
 * @param portFile where to write the port once the server listens
 * @param user for HTTP Basic authentication
 * @param password empty: one is made, and kept in the data folder
 * @param dataFolder everything that the server keeps
 * @param hostNames names and addresses beside this computer's own that the certificate is for
 */
record ServerSettings(
    Path folder,
    String listenHost,
    int listenPort,
    Optional<Path> portFile,
    String user,
    Optional<Secret> password,
    Path dataFolder,
    List<String> hostNames) {
  private static final SettingKey HOST =
      new SettingKey("listen-host", "127.0.0.1", "address to listen on; 0.0.0.0: all of them");
  private static final SettingKey PORT_FILE =
      new SettingKey("port-file", "none", "file that tells the port once the server listens");
  private static final SettingKey USER = new SettingKey("auth-user", "blendnet", "who may log in");
  private static final SettingKey PASSWORD =
      new SettingKey("auth-password", "one is made", "the password itself; better: a file");
  private static final SettingKey PASSWORD_FILE =
      new SettingKey("auth-password-file", "one is made", "file with the password on one line");
  private static final SettingKey HOST_NAMES =
      new SettingKey(
          "host-names",
          "this computer's",
          "more names and addresses for the certificate, by commas");

  /** Keys of the published protocol's files that ask for what these servers do not do. */
  static final List<String> IGNORED =
      List.of(
          "session-id",
          "provider",
          "storage-url",
          "agents-max",
          "agent-listen-port",
          "agent-auth-user",
          "agent-auth-password",
          "instance-type",
          "dist-url",
          "dist-checksum");

  static List<SettingKey> keys(int standardPort, String standardDataFolder) {
    return List.of(
        HOST,
        port(standardPort),
        PORT_FILE,
        USER,
        PASSWORD,
        PASSWORD_FILE,
        HOST_NAMES,
        dataFolder(standardDataFolder));
  }

  private static SettingKey port(int standardPort) {
    return new SettingKey(
        "listen-port", String.valueOf(standardPort), "port to listen on; 0: the system chooses");
  }

  private static SettingKey dataFolder(String standard) {
    return new SettingKey("data-folder", standard, "where the server keeps everything");
  }

  static ServerSettings from(
      SettingsFile file, Path folder, int standardPort, String standardDataFolder)
      throws SettingsException {
    String user = file.text(USER).orElse("blendnet");
    if (user.indexOf(':') >= 0) {
      throw file.wrong(USER, "has a ':' in it, which HTTP Basic authentication cannot carry");
    }
    return new ServerSettings(
        folder,
        file.text(HOST).orElse("127.0.0.1"),
        file.integer(port(standardPort), 0, 65_535).orElse(standardPort),
        file.path(PORT_FILE),
        user,
        password(file),
        file.path(dataFolder(standardDataFolder)).orElse(folder.resolve(standardDataFolder)),
        file.list(HOST_NAMES));
  }

  private static Optional<Secret> password(SettingsFile file) throws SettingsException {
    Optional<String> written = file.text(PASSWORD);
    Optional<Path> passwordFile = file.path(PASSWORD_FILE);
    if (written.isPresent() && passwordFile.isPresent()) {
      throw file.wrong(PASSWORD, "stands beside 'auth-password-file'; keep one of them");
    }
    if (written.isPresent()) {
      return Optional.of(secret(file, PASSWORD, written.get()));
    }
    if (passwordFile.isEmpty()) {
      return Optional.empty();
    }
    try {
      String line = new String(PrivateFiles.read(passwordFile.get()), StandardCharsets.UTF_8);
      return Optional.of(secret(file, PASSWORD_FILE, line.strip()));
    } catch (NoSuchFileException e) {
      throw file.wrong(PASSWORD_FILE, "names a file that is not there: " + passwordFile.get());
    } catch (IOException e) {
      throw file.wrong(PASSWORD_FILE, "names a file that cannot be read: " + e.getMessage());
    }
  }

  private static Secret secret(SettingsFile file, SettingKey key, String text)
      throws SettingsException {
    try {
      return Secret.of(text);
    } catch (IllegalArgumentException e) {
      throw file.wrong(key, "cannot be used: " + e.getMessage());
    }
  }

  /**
   * The configuration file that holds: the one that was named, or else {@code NAME.conf} or the
   * published {@code NAME.json} in the folder.
   */
  static Optional<Path> configurationIn(Path folder, String name) {
    return List.of(name + ".conf", name + ".json").stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
