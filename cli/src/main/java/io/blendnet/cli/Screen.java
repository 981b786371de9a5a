package io.blendnet.cli;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** The terminal behind the standard error stream, or the lack of one. */
final class Screen {
  private static final LiveDisplay.Size USUAL = new LiveDisplay.Size(80, 24);

  private Screen() {}

  /** A live picture on a terminal, plain lines anywhere else. */
  static ProgressDisplay open(Map<String, String> environment, InstantSource clock) {
    if (!"dumb".equals(environment.getOrDefault("TERM", "dumb"))
        || System.getProperty("os.name", "").startsWith("Windows")) {
      try {
        Terminal terminal =
            TerminalBuilder.builder()
                .system(true)
                .dumb(false)
                // Its default takes Ctrl-C from the JVM, whose exit hooks then do not run.
                .nativeSignals(false)
                .systemOutput(TerminalBuilder.SystemOutput.ForcedSysErr)
                .build();
        return new LiveDisplay(
            text -> {
              terminal.writer().print(text);
              terminal.flush();
            },
            () -> sizeOf(terminal),
            new ProgressText(!environment.containsKey("NO_COLOR")));
      } catch (IOException | IllegalStateException e) {
        // No terminal there: a pipe or a file.
      }
    }
    return new LineDisplay(System.err, clock);
  }

  private static LiveDisplay.Size sizeOf(Terminal terminal) {
    int width = terminal.getWidth();
    int height = terminal.getHeight();
    return width > 0 && height > 0 ? new LiveDisplay.Size(width, height) : USUAL;
  }
}
