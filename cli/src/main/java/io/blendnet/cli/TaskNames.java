package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.TaskInfo;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Parameters;

/** Tasks as the user names them: by name, or by patterns as in a shell. */
final class TaskNames {
  static final String DESCRIPTION =
      "A task's name, or a pattern of names in quotes: * stands for anything, ? for one letter.";

  @Parameters(paramLabel = "NAME", arity = "1..*", description = DESCRIPTION)
  private List<String> names = List.of();

  /**
   * The tasks that are meant, each once.
   *
   * @param matter which of the tasks that only match a pattern are meant; one that is named is
   *     meant whatever it is like
   * @throws CommandException a name is none, or a pattern matches nothing
   */
  List<TaskName> of(ManagerClient manager, Predicate<TaskInfo> matter)
      throws FarmException, CommandException, InterruptedException {
    Set<TaskName> tasks = new LinkedHashSet<>();
    Collection<TaskInfo> all =
        names.stream().anyMatch(TaskNames::isPattern) ? manager.tasks().values() : List.of();
    for (String name : names) {
      if (isPattern(name)) {
        Pattern pattern = pattern(name);
        List<TaskName> matches =
            all.stream()
                .filter(task -> pattern.matcher(task.name()).matches())
                .filter(matter)
                .map(task -> new TaskName(task.name()))
                .toList();
        if (matches.isEmpty()) {
          throw CommandException.failed("There is nothing to do: no such task is called " + name);
        }
        tasks.addAll(matches);
      } else {
        tasks.add(name(name));
      }
    }
    return List.copyOf(tasks);
  }

  /** Whether one of these names or patterns is a task's. */
  static Predicate<TaskInfo> anyOf(List<String> names) throws CommandException {
    for (String name : names) {
      if (!isPattern(name)) {
        var _ = name(name);
      }
    }
    List<Pattern> patterns = names.stream().map(TaskNames::pattern).toList();
    return task -> patterns.stream().anyMatch(pattern -> pattern.matcher(task.name()).matches());
  }

  private static TaskName name(String name) throws CommandException {
    return Optional.of(name)
        .filter(TaskName::isValid)
        .map(TaskName::new)
        .orElseThrow(() -> CommandException.usage("'%s' is no name of a task.".formatted(name)));
  }

  private static boolean isPattern(String name) {
    return name.contains("*") || name.contains("?");
  }

  private static Pattern pattern(String name) {
    return Pattern.compile(
        name.codePoints()
            .mapToObj(letter ->
                switch (letter) {
                  case '*' -> ".*";
                  case '?' -> ".";
                  default -> Pattern.quote(Character.toString(letter));
                })
            .collect(Collectors.joining()));
  }
}
