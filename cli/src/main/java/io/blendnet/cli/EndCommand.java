package io.blendnet.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The command that ends a rented machine, such as {@code sudo poweroff}. It is run as it is, never
 * through a shell; what it prints goes where the server's own output goes.
 *
 * @param words program and arguments; none: the machine is left running
 */
record EndCommand(List<String> words) {
  static final EndCommand NONE = new EndCommand(List.of());

  private static final Logger LOG = LoggerFactory.getLogger(EndCommand.class);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]++|'[^']*+'|\"[^\"]*+\")++");
  private static final Pattern QUOTED = Pattern.compile("'([^']*)'|\"([^\"]*)\"");

  EndCommand {
    words = List.copyOf(words);
  }

  /**
   * Words of a line, separated by blanks. Quotes, single or double, keep blanks in a word; nothing
   * else means anything, back-slashes neither.
   *
   * @return empty where a quote is not closed
   */
  static Optional<List<String>> split(String line) {
    Matcher found = WORD.matcher(line);
    if (!found.replaceAll("").isBlank()) {
      return Optional.empty();
    }
    return Optional.of(
        found
            .reset()
            .results()
            .map(word -> QUOTED.matcher(word.group()).replaceAll("$1$2"))
            .toList());
  }

  /**
   * Why the command cannot be run, as the end of a sentence; empty where it can. Better known at
   * the start than when the machine should end.
   *
   * @param searchPath folders of programs, as in {@code PATH}
   */
  Optional<String> obstacle(String searchPath) {
    if (words.isEmpty()) {
      return Optional.empty();
    }
    String program = words.getFirst();
    if (program.isBlank()) {
      return Optional.of("names no program");
    }
    boolean isPath = program.contains("/") || program.contains(File.separator);
    if (isPath && !Path.of(program).isAbsolute()) {
      return Optional.of(
          "names '%s', which is neither a program's name nor a whole path".formatted(program));
    }
    Stream<Path> places =
        isPath
            ? Stream.of(Path.of(program))
            : Arrays.stream(searchPath.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .flatMap(folder ->
                    // Windows starts a program without its ending being named.
                    Stream.of(Path.of(folder, program), Path.of(folder, program + ".exe")));
    return places.anyMatch(place -> Files.isRegularFile(place) && Files.isExecutable(place))
        ? Optional.empty()
        : Optional.of("names '%s', and there is no such program".formatted(program));
  }

  /** Runs it and waits for its end. Nobody is left who could mend a failure: it is logged. */
  void run() {
    run(PATIENCE);
  }

  void run(Duration patience) {
    if (words.isEmpty()) {
      return;
    }
    LOG.info("Ends this machine: {}", words);
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      process.getOutputStream().close();
      await(process, patience);
    } catch (IOException e) {
      LOG.error("The end command {} cannot be run: {}", words, e.getMessage());
    } catch (InterruptedException e) {
      LOG.error("Nobody waits for the end command {} any more", words);
      Thread.currentThread().interrupt();
    }
  }

  private void await(Process process, Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      List<ProcessHandle> all = process.descendants().toList();
      process.destroyForcibly();
      all.forEach(ProcessHandle::destroyForcibly);
      LOG.error(
          "The end command {} was not done after {} s and is killed", words, patience.toSeconds());
    } else if (process.exitValue() != 0) {
      LOG.error("The end command {} failed with exit code {}", words, process.exitValue());
    }
  }
}
