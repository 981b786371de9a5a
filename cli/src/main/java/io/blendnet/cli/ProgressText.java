package io.blendnet.cli;

import io.blendnet.domain.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says a {@link Progress} in words and bars. Immutable. */
final class ProgressText {
  private static final int MOST_FRAMES_SHOWN = 6;
  private static final int BAR = 28;
  private static final int AGENT_BAR = 16;

  private final boolean colours;

  ProgressText(boolean colours) {
    this.colours = colours;
  }

  /** Some lines for a terminal, none wider than it, at most as many as it is high. */
  List<String> block(Progress progress, int width, int height) {
    var lines = new ArrayList<String>();
    lines.add(
        "%s %s  %s%s  %s"
            .formatted(
                bar(progress.done(), BAR, Colour.GREEN),
                Colour.BOLD.on(percent(progress.done()), colours),
                cells(progress),
                progress.remaining().map(left -> "  about " + time(left) + " left").orElse(""),
                Colour.DIM.on(time(progress.elapsed()) + " so far", colours)));
    if (progress.frames().size() == 1) {
      Progress.Frame frame = progress.frames().getFirst();
      lines.add("  frame %d  %s".formatted(frame.number(), state(frame)));
    } else {
      lines.addAll(frames(progress));
    }
    int nameWidth =
        progress.agents().stream().mapToInt(agent -> agent.name().length()).max().orElse(0);
    for (Progress.Agent agent : progress.agents()) {
      lines.add(
          ("  %-" + nameWidth + "s %s %s  %s  %s")
              .formatted(
                  agent.name(),
                  bar(agent.share(), AGENT_BAR, Colour.CYAN),
                  percent(agent.share()),
                  count(agent.cells(), "cell"),
                  Colour.DIM.on(agent.activity(), colours)));
    }
    List<String> kept = lines.subList(0, Math.min(lines.size(), Math.max(1, height)));
    return kept.stream().map(line -> Colour.cut(line, width)).toList();
  }

  private List<String> frames(Progress progress) {
    var lines = new ArrayList<String>();
    List<Progress.Frame> moving =
        progress.frames().stream().filter(frame -> frame.state() == TaskState.RUNNING).toList();
    for (Progress.Frame frame : moving.subList(0, Math.min(MOST_FRAMES_SHOWN, moving.size()))) {
      lines.add(
          "  frame %-6d %s %s  %s"
              .formatted(
                  frame.number(),
                  bar(frame.done(), AGENT_BAR, Colour.GREEN),
                  percent(frame.done()),
                  state(frame)));
    }
    lines.add("  " + frameCounts(progress));
    return lines;
  }

  private static String frameCounts(Progress progress) {
    long completed = count(progress, TaskState.COMPLETED);
    long failed = count(progress, TaskState.ERROR);
    return "%d of %s done%s"
        .formatted(
            completed,
            count(progress.frames().size(), "frame"),
            failed == 0 ? "" : ", " + failed + " failed");
  }

  private static long count(Progress progress, TaskState state) {
    return progress.frames().stream().filter(frame -> frame.state() == state).count();
  }

  /** How far the files are, with a bar. */
  String bar(Sending sending) {
    return "%s %s  %s sent  %s"
        .formatted(
            bar(sending.done(), BAR, Colour.CYAN),
            Colour.BOLD.on(percent(sending.done()), colours),
            bytes(sending.there(), sending.total()),
            Colour.DIM.on(time(sending.elapsed()) + " so far", colours));
  }

  /** How far the files are, for logs. */
  String line(Sending sending) {
    return "%s  %s of the files sent"
        .formatted(time(sending.elapsed()), bytes(sending.there(), sending.total()));
  }

  /** {@code 1.2 of 4.0 GB}, {@code 3 of 17 MB}, {@code 12 of 900 kB}. */
  static String bytes(long part, long total) {
    if (total >= 1_000_000_000) {
      return String.format(Locale.ROOT, "%.1f of %.1f GB", part / 1e9, total / 1e9);
    }
    return total >= 1_000_000
        ? "%d of %d MB".formatted(part / 1_000_000, total / 1_000_000)
        : "%d of %d kB".formatted(part / 1_000, total / 1_000);
  }

  /** All of it on one line, for logs. */
  String line(Progress progress) {
    String frames =
        progress.frames().size() == 1
            ? "frame %d %s"
                .formatted(
                    progress.frames().getFirst().number(), state(progress.frames().getFirst()))
            : frameCounts(progress);
    String agents =
        progress.agents().stream()
            .map(agent ->
                "%s %s, %s"
                    .formatted(agent.name(), percent(agent.share()).strip(), agent.activity()))
            .collect(Collectors.joining("; "));
    return "%s  %s  %s%s%s"
        .formatted(
            time(progress.elapsed()),
            percent(progress.done()).strip() + " done",
            cells(progress) + ", " + frames,
            progress.remaining().map(left -> ", about " + time(left) + " left").orElse(""),
            agents.isEmpty() ? "" : "  (" + agents + ")");
  }

  private static String cells(Progress progress) {
    return progress.cellsTotal() == 0
        ? "not cut into cells yet"
        : "%d of %s".formatted(progress.cellsDone(), count(progress.cellsTotal(), "cell"));
  }

  private static String state(Progress.Frame frame) {
    String cut = frame.strategy().isEmpty() ? "" : " (" + frame.strategy() + ")";
    return switch (frame.state()) {
      case CREATED -> "is being sent";
      case PENDING -> frame.phase().isEmpty() ? "waits for an agent" : frame.phase();
      case RUNNING -> (frame.phase().isEmpty() ? "is rendering" : frame.phase()) + cut;
      case STOPPED -> "was stopped";
      case COMPLETED -> "is done";
      case ERROR -> "failed";
    };
  }

  /** A bar that is full at 1. */
  String bar(double done, int width, Colour colour) {
    // In eighths of a character, so that it moves smoothly.
    int eighths = (int) Math.floor(Math.clamp(done, 0, 1) * width * 8);
    String full = "█".repeat(eighths / 8);
    String part = eighths % 8 == 0 ? "" : String.valueOf((char) ('█' + 8 - eighths % 8));
    String rest = "░".repeat(width - full.length() - part.length());
    return colour.on(full + part, colours) + Colour.DIM.on(rest, colours);
  }

  /** Rounded down: 100 % is said of finished work alone. */
  static String percent(double done) {
    return String.format(Locale.ROOT, "%3d %%", (int) Math.floor(Math.clamp(done, 0, 1) * 100));
  }

  static String count(long number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }

  /** {@code 0:07}, {@code 12:30}, {@code 1:02:03}. */
  static String time(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
