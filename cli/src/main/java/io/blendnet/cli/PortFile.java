package io.blendnet.cli;

import io.blendnet.security.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Tells whoever started a server on which port it listens, once it does. */
final class PortFile {
  private PortFile() {}

  static void write(Path file, int port) throws IOException {
    PrivateFiles.replace(file, (port + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
