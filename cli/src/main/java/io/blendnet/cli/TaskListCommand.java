package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Lists tasks, how far they are and why they wait.",
    description =
        "%nThose that agents are at come first, then by priority. Completed tasks are listed where "
            + "they are named, and with --all.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet task list",
      "  blendnet task list --all",
      "  blendnet task list 'castle-*'",
      "  blendnet task list --json --manager https://farm:8443 --password-file key"
    })
final class TaskListCommand implements Callable<Integer> {
  /** More is asked of the Manager about this many running tasks, and not of the others. */
  private static final int MOST_ASKED = 50;

  @Mixin private FarmCall farm = new FarmCall();

  @Option(
      names = {"-a", "--all"},
      description = "List completed tasks too.")
  private boolean all;

  @Parameters(paramLabel = "NAME", arity = "0..*", description = TaskNames.DESCRIPTION)
  private List<String> names = List.of();

  @Override
  public Integer call() throws CommandException, InterruptedException {
    Predicate<TaskInfo> named = TaskNames.anyOf(names);
    return farm.hold(manager -> {
      List<TaskInfo> tasks = new ArrayList<>(manager.tasks().values());
      if (!names.isEmpty()) {
        tasks.removeIf(named.negate());
      }
      List<TaskInfo> shown = new ArrayList<>(tasks);
      if (!all && names.isEmpty()) {
        shown.removeIf(task -> task.state() == TaskState.COMPLETED);
      }
      shown.sort(TaskTable.ORDER);
      if (farm.json()) {
        shown.forEach(task -> farm.tell("task", JsonDisplay.members(task)));
      } else {
        print(manager, shown, tasks.size() - shown.size());
      }
      return ExitCode.DONE;
    });
  }

  private static void print(ManagerClient manager, List<TaskInfo> tasks, int hidden)
      throws FarmException, InterruptedException {
    if (tasks.isEmpty()) {
      System.out.println(hidden == 0 ? "There are no such tasks." : "Nothing is left to be done.");
    } else {
      Sheet sheet = Sheet.ofStandardOutput(System.getenv());
      sheet.print(new TaskTable(sheet.colours()).lines(tasks, closer(manager, tasks)));
    }
    if (hidden > 0) {
      System.out.printf(
          "%s not listed; see --all%n",
          hidden == 1 ? "1 completed task is" : hidden + " completed tasks are");
    }
  }

  /** What the Manager says in more detail about running tasks. */
  private static Map<String, TaskStatus> closer(ManagerClient manager, List<TaskInfo> tasks)
      throws FarmException, InterruptedException {
    Map<String, TaskStatus> closer = new HashMap<>();
    for (TaskInfo task : tasks) {
      if (task.state() == TaskState.RUNNING && closer.size() < MOST_ASKED) {
        try {
          closer.put(task.name(), manager.status(new TaskName(task.name())));
        } catch (FarmException.Refused e) {
          if (!e.is(ErrorCode.TASK_NOT_FOUND)) {
            throw e;
          }
          // It was removed since the list was made.
        }
      }
    }
    return closer;
  }
}
