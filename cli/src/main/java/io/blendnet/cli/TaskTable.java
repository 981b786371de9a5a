package io.blendnet.cli;

import io.blendnet.domain.TaskState;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tasks, one a line, in columns. Immutable. */
final class TaskTable {
  /** What is worked on first, then by priority and age. */
  static final Comparator<TaskInfo> ORDER =
      Comparator.comparingInt((TaskInfo task) -> place(task.state()))
          .thenComparing(Comparator.comparingInt(TaskInfo::priority).reversed())
          .thenComparing(TaskInfo::createTime)
          .thenComparing(TaskInfo::name);

  private static final int BAR = 12;
  private static final int STATE = 9;

  private final boolean colours;
  private final ProgressText text;

  TaskTable(boolean colours) {
    this.colours = colours;
    this.text = new ProgressText(colours);
  }

  private static int place(TaskState state) {
    return switch (state) {
      case RUNNING -> 0;
      case PENDING -> 1;
      case CREATED -> 2;
      case STOPPED -> 3;
      case ERROR -> 4;
      case COMPLETED -> 5;
    };
  }

  /**
   * A heading and the tasks.
   *
   * @param closer more about some of them, by name
   */
  List<String> lines(List<TaskInfo> tasks, Map<String, TaskStatus> closer) {
    int name = tasks.stream().mapToInt(task -> task.name().length()).max().orElse(0);
    String row = "%-" + Math.max(name, "TASK".length()) + "s  %s  %4s  %s  %s";
    List<String> lines = new ArrayList<>();
    lines.add(
        Colour.BOLD.on(
            row.formatted("TASK", pad("STATE", STATE), "PRIO", pad("DONE", BAR + 6), "")
                .stripTrailing(),
            colours));
    for (TaskInfo task : tasks) {
      lines.add(
          row.formatted(
                  task.name(),
                  coloured(pad(word(task.state()), STATE), task.state(), colours),
                  task.priority(),
                  text.bar(task.done(), BAR, Colour.GREEN)
                      + " "
                      + ProgressText.percent(task.done()),
                  note(task, closer.get(task.name())))
              .stripTrailing());
    }
    return lines;
  }

  /** A word about a task's state, in the state's colour. */
  static String coloured(String word, TaskState state, boolean colours) {
    return switch (state) {
      case CREATED -> word;
      case PENDING -> Colour.YELLOW.on(word, colours);
      case RUNNING -> Colour.CYAN.on(word, colours);
      case STOPPED -> Colour.DIM.on(word, colours);
      case COMPLETED -> Colour.GREEN.on(word, colours);
      case ERROR -> Colour.RED.on(word, colours);
    };
  }

  static String word(TaskState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** Why it waits, why it failed, or what is done about it. */
  private String note(TaskInfo task, @Nullable TaskStatus status) {
    if (task.stateErrorInfo().isPresent()) {
      // Blender's own words, which may follow, are for those who look closer.
      String first = task.stateErrorInfo().get().lines().findFirst().orElse("");
      return Colour.RED.on(plain(first), colours);
    }
    if (task.waiting().isPresent()) {
      return Colour.YELLOW.on(plain(task.waiting().get()), colours);
    }
    if (task.paused()) {
      return Colour.YELLOW.on(
          task.state() == TaskState.CREATED
              ? "paused by the user"
              : "paused by the user; what was begun is finished",
          colours);
    }
    return status == null ? "" : Colour.DIM.on(doing(status), colours);
  }

  /** {@code Rendering (tiles), about 0:40 left}. */
  private static String doing(TaskStatus status) {
    return plain(
        status.progress().phase()
            + status.progress().strategy().map(taken -> " (" + taken + ")").orElse("")
            + status
                .remaining()
                .filter(left -> left.toSeconds() > 0)
                .map(left -> ", about " + ProgressText.time(left) + " left")
                .orElse(""));
  }

  /** Without what a terminal would obey: Blender's output may be in it. */
  static String plain(String words) {
    return words.strip().replaceAll("\\p{Cc}", " ");
  }

  private static String pad(String word, int width) {
    return word + " ".repeat(Math.max(0, width - word.length()));
  }
}
