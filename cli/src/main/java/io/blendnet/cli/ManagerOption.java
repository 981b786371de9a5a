package io.blendnet.cli;

import io.blendnet.protocol.ServerAddress;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say which Manager to render with, and as whom. */
final class ManagerOption {
  @Option(
      names = "--manager",
      paramLabel = "URL",
      description =
          "A Manager that runs already, such as https://farm:8443. Default: one on this "
              + "computer for the time of the render.")
  private Optional<String> manager = Optional.empty();

  @Mixin private SignInOptions signIn = new SignInOptions();

  /** Empty where no Manager is named. */
  Optional<ManagerAccess> access(Map<String, String> environment) throws CommandException {
    return manager.isEmpty()
        ? Optional.empty()
        : Optional.of(signIn.access(address(manager.get()), environment));
  }

  static ServerAddress address(String url) throws CommandException {
    try {
      return ServerAddress.parse(url);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--manager: " + e.getMessage());
    }
  }
}
