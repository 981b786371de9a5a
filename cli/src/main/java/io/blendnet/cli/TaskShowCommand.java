package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.TaskStatus;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Shows all that is known about tasks.",
    description =
        "%nHow far they are, why they wait or failed, who renders them, and what one should know.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet task show castle-0007",
      "  blendnet task show --messages castle-0007",
      "  blendnet task show 'castle-*' --json"
    })
final class TaskShowCommand implements Callable<Integer> {
  @Mixin private FarmCall farm = new FarmCall();
  @Mixin private TaskNames names = new TaskNames();

  @Option(
      names = {"-m", "--messages"},
      description = "Show what the Manager noted and Blender said, too.")
  private boolean messages;

  @Override
  public Integer call() throws CommandException, InterruptedException {
    return farm.hold(manager -> {
      ExitCode exitCode = ExitCode.DONE;
      boolean isFirst = true;
      for (TaskName task : names.of(manager, _ -> true)) {
        try {
          if (!isFirst && !farm.json()) {
            System.out.println();
          }
          isFirst = false;
          show(manager, task);
        } catch (FarmException.Refused e) {
          exitCode = ExitCode.FAILED;
          String message = String.valueOf(e.getMessage());
          farm.tell("refused", Map.of("name", task.value(), "error", message));
          System.err.println("blendnet: " + message);
        }
      }
      return exitCode;
    });
  }

  private void show(ManagerClient manager, TaskName task)
      throws FarmException, InterruptedException {
    TaskStatus status = manager.status(task);
    Map<String, List<String>> said = messages ? manager.messages(task) : Map.of();
    if (farm.json()) {
      Map<String, Object> members = new LinkedHashMap<>(JsonDisplay.members(status));
      if (messages) {
        members.put("messages", said);
      }
      farm.tell("task", members);
      return;
    }
    Sheet sheet = Sheet.ofStandardOutput(System.getenv());
    List<String> lines =
        new ArrayList<>(new TaskSheet(sheet.colours(), ZoneId.systemDefault()).lines(status));
    said.forEach((work, text) -> {
      lines.add("  " + TaskTable.plain(work));
      text.forEach(line -> lines.add("    " + TaskTable.plain(line)));
    });
    lines.forEach(System.out::println);
  }
}
