package io.blendnet.cli;

import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command's talk with the Manager of a running farm, from sign-in to exit code. */
final class FarmCall {
  @Mixin private FarmOption farm = new FarmOption();

  @Option(
      names = "--json",
      description =
          "Tell everything on standard output in JSON, one event a line, and result at the end.")
  private boolean json;

  private final JsonDisplay events = new JsonDisplay(System.out);

  /** What is said to the Manager. */
  @FunctionalInterface
  interface Talk {
    /** Returns how it ended, where it did not fail. */
    ExitCode with(ManagerClient manager)
        throws FarmException, CommandException, InterruptedException;
  }

  int hold(Talk talk) throws CommandException, InterruptedException {
    try {
      int exitCode = connectAnd(talk).number();
      tell("result", Map.of("exit_code", exitCode));
      return exitCode;
    } catch (CommandException e) {
      tell("result", Map.of("exit_code", e.exitCode().number(), "error", e.getMessage()));
      throw e;
    }
  }

  private ExitCode connectAnd(Talk talk) throws CommandException, InterruptedException {
    try (RemoteFarm remote = RemoteFarm.connect(farm.access(System.getenv()))) {
      return talk.with(remote.manager());
    } catch (FarmException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    }
  }

  /** Whether a program listens, not a person. */
  boolean json() {
    return json;
  }

  /** An event for a program; nothing where a person listens. */
  void tell(String event, Map<String, ?> members) {
    if (json) {
      events.event(event, members);
    }
  }
}
