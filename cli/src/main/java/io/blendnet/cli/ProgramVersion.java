package io.blendnet.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into our jar. */
final class ProgramVersion implements IVersionProvider {
  static String current() {
    return Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion())
        .orElse("(not from a jar)");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "BlendNet " + current(),
      "Java %s, %s".formatted(System.getProperty("java.vendor"), Runtime.version())
    };
  }
}
