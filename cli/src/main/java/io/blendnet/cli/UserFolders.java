package io.blendnet.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where this user's programs keep what can be made again. */
final class UserFolders {
  private UserFolders() {}

  /**
   * The cache, by each system's own custom; the folder for temporary files where the user has no
   * home that can be written.
   */
  static Path cache(Map<String, String> environment) {
    String configured = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!configured.isEmpty() && Path.of(configured).isAbsolute()) {
      return Path.of(configured, "blendnet");
    }
    String local = environment.getOrDefault("LOCALAPPDATA", "");
    if (!local.isEmpty()) {
      return Path.of(local, "BlendNet", "Cache");
    }
    Path home = Path.of(System.getProperty("user.home", "/"));
    Path mac = home.resolve("Library/Caches");
    if (Files.isDirectory(mac)) {
      return mac.resolve("BlendNet");
    }
    return Files.isWritable(home)
        ? home.resolve(".cache/blendnet")
        : Path.of(
            System.getProperty("java.io.tmpdir", "/tmp"),
            "blendnet-" + System.getProperty("user.name", "user"));
  }
}
