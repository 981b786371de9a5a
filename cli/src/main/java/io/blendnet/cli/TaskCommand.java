package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.TaskPriority;
import java.io.Console;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "task",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Shows and changes the tasks of a running farm.",
    description =
        "%nA task is one frame of a scene on a Manager. The one on this computer is asked where no "
            + "other is named with --manager or $BLENDNET_MANAGER.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TaskListCommand.class, TaskShowCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet task list",
      "  blendnet task show castle-0007",
      "  blendnet task pause 'castle-*'",
      "  blendnet task priority --to 10 castle-0007",
      "  blendnet task COMMAND --help             more about a command"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the Manager refused it for at least one task",
      "2:wrong arguments",
      "3:the Manager cannot be reached, or this computer lacks something"
    })
final class TaskCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      versionProvider = ProgramVersion.class,
      header = "Has nothing new begun of tasks until they are resumed.",
      description = "%nWhat agents have begun of them is finished and kept.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  blendnet task pause castle-0007",
        "  blendnet task pause 'castle-*' forest-0001"
      })
  int pause(@Mixin FarmCall farm, @Mixin TaskNames names)
      throws CommandException, InterruptedException {
    return change(TaskChange.PAUSE, farm, names);
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      versionProvider = ProgramVersion.class,
      header = "Lets paused tasks go on.",
      description = "%nAgents come to them by priority, as if they had never been paused.",
      footerHeading = "%nExamples:%n",
      footer = {"  blendnet task resume castle-0007", "  blendnet task resume '*'"})
  int resume(@Mixin FarmCall farm, @Mixin TaskNames names)
      throws CommandException, InterruptedException {
    return change(TaskChange.RESUME, farm, names);
  }

  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      versionProvider = ProgramVersion.class,
      header = "Stops tasks at once; the samples done are kept.",
      description = "%nWhat agents have begun of them is dropped. 'run' lets them go on.",
      footerHeading = "%nExamples:%n",
      footer = {"  blendnet task stop castle-0007", "  blendnet task stop 'castle-*'"})
  int stop(@Mixin FarmCall farm, @Mixin TaskNames names)
      throws CommandException, InterruptedException {
    return change(TaskChange.STOP, farm, names);
  }

  @Command(
      name = "run",
      mixinStandardHelpOptions = true,
      versionProvider = ProgramVersion.class,
      header = "Runs tasks that are new, stopped or in error.",
      description = "%nThey go on from the samples that they have.",
      footerHeading = "%nExamples:%n",
      footer = {"  blendnet task run castle-0007", "  blendnet task run 'castle-*'"})
  int run(@Mixin FarmCall farm, @Mixin TaskNames names)
      throws CommandException, InterruptedException {
    return change(TaskChange.RUN, farm, names);
  }

  @Command(
      name = "priority",
      mixinStandardHelpOptions = true,
      versionProvider = ProgramVersion.class,
      header = "Says how urgent tasks are.",
      description = "%nAgents go to the task of the highest priority first, then to the oldest.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  blendnet task priority --to 10 castle-0007",
        "  blendnet task priority --to -5 'forest-*'"
      })
  int priority(
      @Mixin FarmCall farm,
      @Option(
              names = "--to",
              paramLabel = "N",
              required = true,
              description = "-100 to 100; 0 is what a task has that says nothing.")
          int wanted,
      @Mixin TaskNames names)
      throws CommandException, InterruptedException {
    try {
      return change(TaskChange.prioritize(new TaskPriority(wanted)), farm, names);
    } catch (InvalidFieldException e) {
      throw CommandException.usage("--to is -100 to 100, not %d.".formatted(wanted));
    }
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      versionProvider = ProgramVersion.class,
      header = "Removes tasks that are not running, with their samples and results.",
      description =
          "%nOn a terminal it asks first. A task that agents are at has to be stopped before.",
      footerHeading = "%nExamples:%n",
      footer = {"  blendnet task remove castle-0007", "  blendnet task remove --yes 'castle-*'"})
  int remove(
      @Mixin FarmCall farm,
      @Option(
              names = {"-y", "--yes"},
              description = "Don't ask first. Needed where there is no terminal to ask on.")
          boolean sure,
      @Mixin TaskNames names)
      throws CommandException, InterruptedException {
    Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    if (!sure && console.isEmpty()) {
      throw CommandException.usage("Nobody can be asked here: say --yes to remove tasks.");
    }
    return farm.hold(manager -> {
      List<TaskName> tasks = names.of(manager, TaskChange.REMOVE.matter());
      if (!sure && !isAgreed(console.orElseThrow(), tasks)) {
        throw CommandException.failed("Nothing is removed.");
      }
      return TaskChange.REMOVE.make(manager, tasks, farm);
    });
  }

  private static boolean isAgreed(Console console, List<TaskName> tasks) {
    String what =
        tasks.size() == 1 ? "task " + tasks.getFirst() : "these %d tasks".formatted(tasks.size());
    if (tasks.size() > 1) {
      tasks.forEach(task -> console.printf("  %s%n", task));
    }
    String answer = console.readLine("Remove %s with all samples and results? [y/N] ", what);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }

  private static int change(TaskChange change, FarmCall farm, TaskNames names)
      throws CommandException, InterruptedException {
    return farm.hold(manager -> change.make(manager, names.of(manager, change.matter()), farm));
  }
}
