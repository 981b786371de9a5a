package io.blendnet.cli;

import io.blendnet.security.Credentials;
import io.blendnet.security.PasswordGenerator;
import io.blendnet.security.PrivateFiles;
import io.blendnet.security.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may use a server.
 *
 * @param file where the password lies, where we made it
 */
record ServerPassword(Credentials credentials, Optional<Path> file) {
  /** In the data folder. */
  static final String FILE = "password";

  static ServerPassword of(ServerSettings settings) throws IOException {
    if (settings.password().isPresent()) {
      return new ServerPassword(
          new Credentials(settings.user(), settings.password().get()), Optional.empty());
    }
    Path file = PrivateFiles.createFolder(settings.dataFolder()).resolve(FILE);
    if (!Files.exists(file)) {
      Secret made = PasswordGenerator.generate();
      PrivateFiles.create(file, (made.reveal() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    String line = new String(PrivateFiles.read(file), StandardCharsets.UTF_8).strip();
    try {
      return new ServerPassword(
          new Credentials(settings.user(), Secret.of(line)), Optional.of(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "The password in " + file + " cannot be used; remove the file to have one made", e);
    }
  }
}
