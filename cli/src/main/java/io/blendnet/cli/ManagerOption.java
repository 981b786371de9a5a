package io.blendnet.cli;

import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.Credentials;
import io.blendnet.security.PrivateFiles;
import io.blendnet.security.Secret;
import io.blendnet.security.TrustedAuthority;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say which Manager to use, and as whom. */
final class ManagerOption {
  @Option(
      names = "--manager",
      paramLabel = "URL",
      description =
          "A Manager that runs already, such as https://farm:8443. Default: one on this "
              + "computer for the time of the render.")
  private Optional<String> manager = Optional.empty();

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "Who we are there. Default: $BLENDNET_USER, or blendnet.")
  private Optional<String> user = Optional.empty();

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description =
          "File with the password on one line. Default: the variable $BLENDNET_PASSWORD, "
              + "or a question on the terminal.")
  private Optional<Path> passwordFile = Optional.empty();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "Certificate (PEM) of the authority that the Manager's is issued by. Default: "
              + "$BLENDNET_CA, or ./ca.crt")
  private Optional<Path> authority = Optional.empty();

  /** Empty where no Manager is named. */
  Optional<ManagerAccess> access(Map<String, String> environment) throws CommandException {
    if (manager.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ManagerAccess(address(manager.get()), credentials(environment), trust(environment)));
  }

  private static ServerAddress address(String url) throws CommandException {
    try {
      return ServerAddress.parse(url);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--manager: " + e.getMessage());
    }
  }

  private Credentials credentials(Map<String, String> environment) throws CommandException {
    String name = user.orElse(environment.getOrDefault("BLENDNET_USER", "blendnet"));
    try {
      return new Credentials(name, Secret.of(password(name, environment)));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private String password(String name, Map<String, String> environment) throws CommandException {
    if (passwordFile.isPresent()) {
      try {
        return new String(PrivateFiles.read(passwordFile.get()), StandardCharsets.UTF_8).strip();
      } catch (IOException e) {
        throw CommandException.usage(
            "--password-file: cannot read %s: %s".formatted(passwordFile.get(), e.getMessage()));
      }
    }
    String given = environment.getOrDefault("BLENDNET_PASSWORD", "");
    if (!given.isEmpty()) {
      return given;
    }
    return Optional.ofNullable(System.console())
        .filter(Console::isTerminal)
        .map(console -> console.readPassword("Password of %s: ", name))
        .map(String::new)
        .orElseThrow(() ->
            CommandException.usage(
                "The Manager wants a password: name a file with --password-file, or set BLENDNET_PASSWORD."));
  }

  private TrustedAuthority trust(Map<String, String> environment) throws CommandException {
    String given = environment.getOrDefault("BLENDNET_CA", "");
    Path file = authority.orElse(Path.of(given.isEmpty() ? "ca.crt" : given));
    try {
      return TrustedAuthority.load(file);
    } catch (IOException e) {
      throw CommandException.usage(
          "Cannot read the authority's certificate %s: %s. Name it with --ca; the Manager says at its start where it lies."
              .formatted(file, e.getMessage()));
    }
  }
}
