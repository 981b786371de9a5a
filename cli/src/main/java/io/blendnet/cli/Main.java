package io.blendnet.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one executable. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    // Paths and bars, whatever the locale says.
    System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(System.err, true, StandardCharsets.UTF_8));
    System.exit(execute(arguments));
  }

  static int execute(String... arguments) {
    var line = new CommandLine(new BlendNetCommand());
    explain(line, "manager", ManagerSettings.keys());
    explain(line, "agent", AgentSettings.keys());
    line.setExecutionExceptionHandler(FAILURES);
    line.setParameterExceptionHandler(MISUSE);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    if (System.getenv("NO_COLOR") != null) {
      line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    }
    return line.execute(arguments);
  }

  /** Help lists the keys from where they are read, so that none is forgotten. */
  private static void explain(CommandLine line, String command, List<SettingKey> keys) {
    var usage =
        Objects.requireNonNull(line.getSubcommands().get(command)).getCommandSpec().usageMessage();
    var footer = new ArrayList<>(List.of(usage.footer()));
    footer.add("");
    footer.add("Keys of the configuration (and what holds without them):");
    SettingKey.table(keys).forEach(row -> footer.add(row.replace("%", "%%")));
    usage.footer(footer.toArray(String[]::new));
  }

  private static final IParameterExceptionHandler MISUSE =
      (misuse, _) -> {
        CommandLine line = misuse.getCommandLine();
        line.getErr().println("blendnet: " + misuse.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(misuse, line.getErr())) {
          line.getErr().printf("See: %s --help%n", line.getCommandSpec().qualifiedName());
        }
        return ExitCode.USAGE.number();
      };

  private static final IExecutionExceptionHandler FAILURES =
      (failure, line, _) -> {
        if (failure instanceof CommandException told) {
          line.getErr().println("blendnet: " + told.getMessage());
          return told.exitCode().number();
        }
        if (failure instanceof InterruptedException) {
          return ExitCode.INTERRUPTED.number();
        }
        line.getErr().println("blendnet: this is a fault of the program; please report it:");
        failure.printStackTrace(line.getErr());
        return ExitCode.FAILED.number();
      };
}
