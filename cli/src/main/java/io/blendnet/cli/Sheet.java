package io.blendnet.cli;

import java.io.Console;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * The paper that standard output is.
 *
 * @param colours whether it takes them
 * @param width in letters; a pipe or a file is as wide as one likes
 */
record Sheet(boolean colours, int width) {
  private static final int USUAL = 80;

  static Sheet ofStandardOutput(Map<String, String> environment) {
    if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isEmpty()) {
      return new Sheet(false, Integer.MAX_VALUE);
    }
    boolean colours =
        !environment.containsKey("NO_COLOR")
            && !"dumb".equals(environment.getOrDefault("TERM", "dumb"));
    return new Sheet(colours, widthOfTerminal());
  }

  private static int widthOfTerminal() {
    try (Terminal terminal =
        TerminalBuilder.builder().system(true).dumb(false).nativeSignals(false).build()) {
      return terminal.getWidth() > 0 ? terminal.getWidth() : USUAL;
    } catch (IOException | IllegalStateException e) {
      return USUAL;
    }
  }

  /** Prints lines, none wider than the sheet. */
  void print(List<String> lines) {
    for (String line : lines) {
      boolean fits = Colour.cut(line, width).equals(line);
      System.out.println(fits ? line : Colour.cut(line, width - 1) + "…");
    }
  }
}
