package io.blendnet.cli;

import java.time.InstantSource;
import java.util.Map;

/** Runs a render before the eyes of a person or a program, and turns its end into an exit code. */
final class Watching {
  private Watching() {}

  static int render(RenderRequest request, boolean json, Map<String, String> environment)
      throws CommandException, InterruptedException {
    JsonDisplay events = new JsonDisplay(System.out);
    try (var guard = ExitGuard.ofWork()) {
      ProgressDisplay display =
          guard.keep(json ? events : Screen.open(environment, InstantSource.system()));
      try {
        RenderJob.Outcome outcome =
            new RenderJob(environment, InstantSource.system(), display, guard).run(request);
        display.close();
        if (json) {
          RenderReport.tell(outcome, events);
        } else {
          RenderReport.print(outcome, System.out);
        }
        return (outcome.isComplete() ? ExitCode.DONE : ExitCode.FAILED).number();
      } catch (CommandException e) {
        if (json && !guard.isSignalled()) {
          events.event(
              "result", Map.of("exit_code", e.exitCode().number(), "error", e.getMessage()));
        }
        throw e;
      } finally {
        if (guard.isSignalled()) {
          waitForTheEnd();
        }
      }
    }
  }

  /** The signal's own thread ends the process, with the signal's exit code. */
  private static void waitForTheEnd() throws InterruptedException {
    Thread.sleep(Long.MAX_VALUE);
  }
}
