package io.blendnet.cli;

import io.blendnet.blender.BlenderFinder;
import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.BlenderNotFoundException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The Blender to take on this computer. */
final class Blenders {
  private Blenders() {}

  /** The one that the user names, by an option or by BLENDNET_BLENDER, or the first that works. */
  static BlenderInstallation find(Optional<Path> named, Map<String, String> environment)
      throws CommandException {
    var finder = new BlenderFinder(UserFolders.cache(environment));
    Optional<Path> chosen =
        named.or(() ->
            Optional.of(environment.getOrDefault("BLENDNET_BLENDER", ""))
                .filter(path -> !path.isEmpty())
                .map(Path::of));
    try {
      return chosen.isPresent() ? finder.findAt(chosen.get()) : finder.find();
    } catch (BlenderNotFoundException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    }
  }
}
