package io.blendnet.blender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A shell script in Blender's place that speaks our protocol and misbehaves in ways that cannot be
 * ordered from a real Blender.
 */
final class TestingPeer {
  private static final String ANNOUNCEMENT =
      """
      #!/bin/sh
      echo '@blendnet {"id":0,"ok":true,"version":"3.4.1","version_string":"3.4.1","denoising":false}'
      """;

  private TestingPeer() {}

  /**
   * @param behaviour shell, for after the announcement; commands come on its standard input
   */
  static BlenderInstallation create(Path folder, String behaviour) throws IOException {
    return createSilent(folder, ANNOUNCEMENT.substring("#!/bin/sh\n".length()) + behaviour);
  }

  /** A peer that does not even announce itself. */
  static BlenderInstallation createSilent(Path folder, String behaviour) throws IOException {
    Path script = folder.resolve("peer");
    Files.writeString(script, "#!/bin/sh\n" + behaviour + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return BlenderSession.unknown(script, BlenderInstallation.Kind.EXECUTABLE);
  }
}
