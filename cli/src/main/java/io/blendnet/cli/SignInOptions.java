package io.blendnet.cli;

import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.PrivateFiles;
import io.blendnet.security.Secret;
import io.blendnet.security.TrustedAuthority;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that say as whom to call a Manager, and by what to know it. */
final class SignInOptions {
  private static final Path AUTHORITY = Path.of(FarmAuthority.CERTIFICATE_FILE);

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

  /** How to reach a Manager. */
  ManagerAccess access(ServerAddress server, Map<String, String> environment)
      throws CommandException {
    Path file = authorityGiven(environment).orElse(AUTHORITY);
    return access(server, environment, passwordFile.stream().toList(), file);
  }

  /**
   * How to reach a Manager whose own files may lie at hand: they serve where nothing else is given.
   *
   * @param dataFolder the Manager's
   */
  ManagerAccess accessBeside(Path dataFolder, ServerAddress server, Map<String, String> environment)
      throws CommandException {
    List<Path> passwords = new ArrayList<>(passwordFile.stream().toList());
    Path password = dataFolder.resolve(ServerPassword.FILE);
    if (passwordGiven(environment).isEmpty() && Files.exists(password)) {
      passwords.add(password);
    }
    Path made = dataFolder.resolve(ServerKeys.AUTHORITY_FOLDER).resolve(AUTHORITY);
    Path file = authorityGiven(environment).orElse(Files.exists(AUTHORITY) ? AUTHORITY : made);
    return access(server, environment, passwords, file);
  }

  private ManagerAccess access(
      ServerAddress server, Map<String, String> environment, List<Path> passwords, Path authorities)
      throws CommandException {
    String name = user.orElse(environment.getOrDefault("BLENDNET_USER", "blendnet"));
    String password =
        passwords.isEmpty() ? password(name, environment) : password(passwords.getFirst());
    try {
      return new ManagerAccess(
          server, new Credentials(name, Secret.of(password)), trust(authorities));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private static String password(Path file) throws CommandException {
    try {
      return new String(PrivateFiles.read(file), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw CommandException.usage(
          "The password file %s cannot be read: %s".formatted(file, e.getMessage()));
    }
  }

  private static String password(String name, Map<String, String> environment)
      throws CommandException {
    String given = passwordGiven(environment);
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

  private static String passwordGiven(Map<String, String> environment) {
    return environment.getOrDefault("BLENDNET_PASSWORD", "");
  }

  private Optional<Path> authorityGiven(Map<String, String> environment) {
    String given = environment.getOrDefault("BLENDNET_CA", "");
    return authority.or(() -> given.isEmpty() ? Optional.empty() : Optional.of(Path.of(given)));
  }

  private static TrustedAuthority trust(Path file) throws CommandException {
    try {
      return TrustedAuthority.load(file);
    } catch (IOException e) {
      throw CommandException.usage(
          "Cannot read the authority's certificate %s: %s. Name it with --ca; the Manager says at its start where it lies."
              .formatted(file, e.getMessage()));
    }
  }
}
