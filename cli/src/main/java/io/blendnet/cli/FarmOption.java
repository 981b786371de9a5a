package io.blendnet.cli;

import io.blendnet.protocol.ServerAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say which running farm a command is about, by its Manager, and as whom. */
final class FarmOption {
  @Option(
      names = "--manager",
      paramLabel = "URL",
      description =
          "The Manager, such as https://farm:8443. Default: $BLENDNET_MANAGER, or the one on this "
              + "computer's port 8443; in the folder that it was started in, its password and "
              + "certificate are found by themselves.")
  private Optional<String> manager = Optional.empty();

  @Mixin private SignInOptions signIn = new SignInOptions();

  ManagerAccess access(Map<String, String> environment) throws CommandException {
    String url = manager.orElse(environment.getOrDefault("BLENDNET_MANAGER", ""));
    // Only for the Manager of this folder: no other is to be told its password.
    return url.isEmpty()
        ? signIn.accessBeside(
            Path.of(ManagerSettings.STANDARD_DATA_FOLDER),
            new ServerAddress("localhost", ManagerSettings.STANDARD_PORT),
            environment)
        : signIn.access(ManagerOption.address(url), environment);
  }
}
