package io.blendnet.cli;

import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskStatus;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All about one task, an item a line. Immutable. */
final class TaskSheet {
  private static final int BAR = 28;
  private static final int AGENT_BAR = 12;
  private static final int LABEL = 10;

  private final boolean colours;
  private final ProgressText text;
  private final DateTimeFormatter clock;

  /**
   * @param zone whose times are shown
   */
  TaskSheet(boolean colours, ZoneId zone) {
    this.colours = colours;
    this.text = new ProgressText(colours);
    this.clock = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(zone);
  }

  List<String> lines(TaskStatus status) {
    TaskInfo task = status.task();
    TaskProgress progress = status.progress();
    List<String> lines = new ArrayList<>();
    lines.add(Colour.BOLD.on(task.name(), colours));
    item(lines, "state", state(status));
    task.stateErrorInfo().ifPresent(reason -> texts(lines, "reason", reason));
    task.waiting().ifPresent(reason -> texts(lines, "waits", reason));
    item(
        lines,
        "done",
        "%s %s  %s%s"
            .formatted(
                text.bar(task.done(), BAR, Colour.GREEN),
                ProgressText.percent(task.done()),
                cells(progress),
                status
                    .remaining()
                    .filter(left -> left.toSeconds() > 0)
                    .map(left -> ", about " + ProgressText.time(left) + " left")
                    .orElse("")));
    status
        .samples()
        .ifPresent(samples -> item(lines, "samples", status.samplesDone() + " of " + samples));
    progress
        .strategy()
        .ifPresent(taken ->
            item(
                lines,
                "strategy",
                progress.reason().isEmpty()
                    ? taken
                    : taken + ": " + TaskTable.plain(progress.reason())));
    status.project().ifPresent(project -> item(lines, "project", TaskTable.plain(project)));
    task.frame().ifPresent(frame -> item(lines, "frame", Integer.toString(frame)));
    status.composeFilepath().ifPresent(path -> item(lines, "picture", TaskTable.plain(path)));
    item(lines, "created", time(task.createTime()));
    task.startTime().ifPresent(start -> item(lines, "started", time(start)));
    task.endTime().ifPresent(end -> item(lines, "ended", time(end)));
    agents(lines, progress.agents());
    progress.warnings().forEach(warning -> texts(lines, "warning", warning));
    return lines;
  }

  private String state(TaskStatus status) {
    TaskInfo task = status.task();
    String word = TaskTable.coloured(TaskTable.word(task.state()), task.state(), colours);
    String phase = status.progress().phase();
    boolean isNews = task.state().isActive() && task.waiting().isEmpty() && !phase.isEmpty();
    return "%s%s%s, priority %d"
        .formatted(
            word,
            isNews ? " (" + TaskTable.plain(phase) + ")" : "",
            task.paused() ? ", paused" : "",
            task.priority());
  }

  private static String cells(TaskProgress progress) {
    return progress.cells() == 0
        ? "not cut into cells yet"
        : "%d of %s"
            .formatted(progress.cellsStored(), ProgressText.count(progress.cells(), "cell"));
  }

  private void agents(List<String> lines, List<TaskProgress.AgentShare> agents) {
    int name = agents.stream().mapToInt(agent -> agent.agent().length()).max().orElse(1);
    String label = "agents";
    for (TaskProgress.AgentShare agent : agents) {
      item(
          lines,
          label,
          ("%-" + name + "s %s %s  %s  %s")
              .formatted(
                  agent.agent(),
                  text.bar(agent.done(), AGENT_BAR, Colour.CYAN),
                  ProgressText.percent(agent.done()),
                  ProgressText.count(agent.cellsStored(), "cell"),
                  Colour.DIM.on(TaskTable.plain(agent.activity()), colours))
              .stripTrailing());
      label = "";
    }
  }

  private void texts(List<String> lines, String label, String sentences) {
    String first = label;
    for (String line : sentences.strip().lines().toList()) {
      item(lines, first, TaskTable.plain(line));
      first = "";
    }
  }

  private void item(List<String> lines, String label, String value) {
    String padded = label + " ".repeat(Math.max(0, LABEL - label.length()));
    lines.add("  " + Colour.DIM.on(padded, colours && !label.isEmpty()) + value);
  }

  private String time(Instant instant) {
    return clock.format(instant);
  }
}
