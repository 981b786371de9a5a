package io.blendnet.blender;

import io.blendnet.blender.BlenderLine.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Turns what is left of a failed step into an exception with a kind, a sentence and lines.
 *
 * @param blender for the sentence: {@code Blender 3.4.1}
 * @param step for the sentence: {@code opening /x/y.blend}
 * @param temporaryFolder where Blender leaves its crash report
 * @param memoryKillsBefore {@link HostSystem#memoryKills} before the step
 */
record FailureReport(
    String blender,
    String step,
    OutputTail tail,
    HostSystem host,
    Path temporaryFolder,
    OptionalLong memoryKillsBefore) {
  private static final int MOST_LINES = 40;

  /** Of more lines so many of the first are told: a traceback, and what went wrong first. */
  private static final int FIRST_LINES = 15;

  private static final int MOST_OF_CRASH_REPORT = 15;
  private static final int MOST_BYTES_OF_CRASH_REPORT = 1 << 20;

  /** Codes of a process that our own command line, a shell or the kernel ended. */
  private static final int PYTHON_EXCEPTION = 42;

  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_LOADABLE = 127;
  private static final int SIGNALS = 128;
  private static final int ABORT = SIGNALS + 6;
  private static final int KILL = SIGNALS + 9;

  /** The process ended by itself in the middle of a step. */
  SessionException ended(int exitCode) {
    List<String> lines = new ArrayList<>(tail.telling());
    lines.addAll(crashReport());
    if (tail.saw(Trouble.MEMORY)) {
      return outOfMemory(lines);
    }
    if (tail.saw(Trouble.SYSTEM_LIBRARY) || exitCode == NOT_LOADABLE) {
      return failed(
          SessionFailure.MACHINE,
          blender
              + " does not start: a library of the operating system is missing. Install the"
              + " packages that Blender needs.",
          lines);
    }
    return switch (exitCode) {
      case NOT_EXECUTABLE ->
          failed(
              SessionFailure.MACHINE,
              blender
                  + " does not start: the system does not execute it. Is it for this processor?",
              lines);
      case KILL -> killed(lines);
      case ABORT ->
          failed(
              SessionFailure.BLENDER,
              "%s gave up while %s (abort)%s."
                  .formatted(
                      blender,
                      step,
                      tail.saw(Trouble.GRAPHICS) ? ": no OpenGL on this machine" : ""),
              lines);
      case PYTHON_EXCEPTION ->
          failed(
              SessionFailure.BLENDER,
              "%s: the session script failed while %s%s.".formatted(blender, step, exception()),
              lines);
      default ->
          failed(
              SessionFailure.BLENDER,
              exitCode > SIGNALS
                  ? "%s crashed while %s (signal %d).".formatted(blender, step, exitCode - SIGNALS)
                  : "%s ended while %s (exit code %d)%s."
                      .formatted(blender, step, exitCode, exception()),
              lines);
    };
  }

  private SessionException killed(List<String> lines) {
    OptionalLong kills = host.memoryKills();
    if (kills.isPresent() && kills.equals(memoryKillsBefore)) {
      return failed(
          SessionFailure.BLENDER,
          "%s was killed while %s (signal 9), and not by the kernel for lack of memory."
              .formatted(blender, step),
          lines);
    }
    return failed(
        SessionFailure.MEMORY,
        "%s was killed while %s, most likely by the system for lack of memory%s."
            .formatted(blender, step, memory()),
        lines);
  }

  /** The step did not end in time, and the process was killed. */
  SessionException hung(String verdict) {
    List<String> lines = tail.telling();
    return tail.saw(Trouble.MEMORY)
        ? outOfMemory(lines)
        : failed(
            SessionFailure.BLENDER,
            "%s hung while %s: it %s, and was ended.".formatted(blender, step, verdict),
            lines);
  }

  /** The script answered that the step failed. */
  SessionException refused(JsonNode answer) {
    List<String> lines = new ArrayList<>();
    answer.path("detail").asString("").lines().filter(line -> !line.isBlank()).forEach(lines::add);
    lines.addAll(tail.telling());
    if (tail.saw(Trouble.MEMORY)) {
      return outOfMemory(lines);
    }
    SessionFailure failure =
        switch (answer.path("failure").asString("")) {
          case "scene" -> SessionFailure.SCENE;
          case "memory" -> SessionFailure.MEMORY;
          case "machine" -> SessionFailure.MACHINE;
          default -> tail.saw(Trouble.DISK) ? SessionFailure.MACHINE : SessionFailure.BLENDER;
        };
    String message = answer.path("message").asString("");
    return failed(
        failure, message.isBlank() ? blender + " failed while " + step + "." : message, lines);
  }

  /** The script answered success, but Blender had said that memory ran out. */
  SessionException outOfMemory() {
    return outOfMemory(tail.telling());
  }

  private SessionException outOfMemory(List<String> lines) {
    return failed(
        SessionFailure.MEMORY,
        "%s ran out of memory while %s%s. It needs a machine with more, or a smaller scene."
            .formatted(blender, step, memory()),
        lines);
  }

  /** The script answered something that is not what it should be. */
  SessionException nonsense(JsonNode answer, RuntimeException cause) {
    List<String> lines = new ArrayList<>();
    lines.add(shortened(answer.toString()));
    lines.addAll(tail.telling());
    return failed(
        SessionFailure.BLENDER,
        "%s answered nonsense while %s: %s".formatted(blender, step, cause.getMessage()),
        lines);
  }

  private static String shortened(String text) {
    return text.length() <= 500 ? text : text.substring(0, 500) + "...";
  }

  private String exception() {
    return tail.newest(Trouble.PYTHON).map(text -> " (" + text + ")").orElse("");
  }

  private String memory() {
    String machine = "this machine has " + Words.bytes(host.memory().total());
    return tail.peak() == 0
        ? " (" + machine + ")"
        : " (Blender counted up to %s; %s)".formatted(Words.bytes(tail.peak()), machine);
  }

  private static SessionException failed(
      SessionFailure failure, String message, List<String> lines) {
    return new SessionException(failure, message, ends(lines));
  }

  private static List<String> ends(List<String> lines) {
    if (lines.size() <= MOST_LINES) {
      return lines;
    }
    List<String> ends = new ArrayList<>(lines.subList(0, FIRST_LINES));
    ends.add("...");
    ends.addAll(lines.subList(lines.size() - (MOST_LINES - FIRST_LINES - 1), lines.size()));
    return ends;
  }

  private static String beginning(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return new String(in.readNBytes(MOST_BYTES_OF_CRASH_REPORT), StandardCharsets.ISO_8859_1);
    }
  }

  /** The end of what Blender writes as {@code NAME.crash.txt}: the backtrace. */
  private List<String> crashReport() {
    try (Stream<Path> files = Files.walk(temporaryFolder, 2)) {
      Optional<Path> report =
          files
              .filter(file -> file.toString().toLowerCase(Locale.ROOT).endsWith(".crash.txt"))
              // A scene's script may have put a link to a file of ours there.
              .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
              .findFirst();
      if (report.isEmpty()) {
        return List.of();
      }
      // Not strictly UTF-8: names of the user's files are in it as the system has them.
      String text = beginning(report.get());
      List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
      int backtrace = lines.indexOf("# backtrace");
      return lines.stream().skip(Math.max(0, backtrace)).limit(MOST_OF_CRASH_REPORT).toList();
    } catch (IOException e) {
      return List.of(); // the rest of the report stands without it
    }
  }
}
