package io.blendnet.cli;

import picocli.CommandLine;

/** The one executable. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BlendNetCommand()).execute(arguments));
  }
}
