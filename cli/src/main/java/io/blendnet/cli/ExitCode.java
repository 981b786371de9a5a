package io.blendnet.cli;

/** What the process tells its caller. */
enum ExitCode {
  DONE(0),
  /** The work was begun and failed, such as a scene that cannot be rendered. */
  FAILED(1),
  /** The command line or a configuration file is wrong; nothing was begun. */
  USAGE(2),
  /** This computer, the network or a server lacks something; nothing is wrong with the scene. */
  ENVIRONMENT(3),
  /** Ended by Ctrl-C: 128 + SIGINT, as shells say it. */
  INTERRUPTED(130);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
