package io.blendnet.cli;

/** Ends a command: what its user reads, and the exit code. */
final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  private CommandException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  static CommandException failed(String message) {
    return new CommandException(ExitCode.FAILED, message);
  }

  static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }

  static CommandException environment(String message) {
    return new CommandException(ExitCode.ENVIRONMENT, message);
  }

  ExitCode exitCode() {
    return exitCode;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
