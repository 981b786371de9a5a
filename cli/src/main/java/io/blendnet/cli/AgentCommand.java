package io.blendnet.cli;

import io.blendnet.agent.AgentLimits;
import io.blendnet.agent.AgentOptions;
import io.blendnet.agent.AgentServer;
import io.blendnet.blender.BlenderInstallation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header =
        "Runs an Agent, in the foreground, until SIGTERM, Ctrl-C, or no Manager calls any more.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet agent",
      "  blendnet agent --folder /srv/agent",
      "  blendnet agent --config /etc/blendnet/agent.conf",
      "  blendnet agent --unavailable-timeout 0",
      "  blendnet agent --unavailable-timeout 5m --end-command 'sudo poweroff'"
    })
final class AgentCommand implements Callable<Integer> {
  @Mixin private ServerFlags options = new ServerFlags();

  @Option(
      names = "--unavailable-timeout",
      paramLabel = "TIME",
      description =
          "End when no Manager has called for so long, such as 10m; 0: never. "
              + "Overrides the configuration.")
  private Optional<String> unavailableTimeout = Optional.empty();

  @Option(
      names = "--notice",
      paramLabel = "TIME",
      description =
          "How long delivering what is done may take when the agent is told to end, such as 30s. "
              + "Overrides the configuration.")
  private Optional<String> notice = Optional.empty();

  @Option(
      names = "--end-command",
      paramLabel = "COMMAND",
      description =
          "Run when the agent has ended because no Manager called or one told it to; not after "
              + "SIGTERM or Ctrl-C. Overrides the configuration.")
  private Optional<String> endCommand = Optional.empty();

  private Map<SettingKey, String> given() {
    var given = new HashMap<SettingKey, String>();
    unavailableTimeout.ifPresent(text -> given.put(AgentSettings.UNAVAILABLE, text));
    notice.ifPresent(text -> given.put(AgentSettings.NOTICE, text));
    endCommand.ifPresent(text -> given.put(AgentSettings.END_COMMAND, text));
    return given;
  }

  @Override
  public Integer call() throws CommandException, InterruptedException {
    options.leaveInterruptsToParent();
    Logging logging = Logging.begin().toStandardError();
    Logger log = LoggerFactory.getLogger(AgentCommand.class);
    try (var guard = ExitGuard.ofServer()) {
      Path folder = options.folder();
      SettingsFile file =
          options.configuration("agent", AgentSettings::read, SettingsFile.none(folder));
      file.remarks().forEach(log::warn);
      AgentSettings settings = AgentSettings.from(file.under(given()), folder);
      ServerSettings server = settings.server();
      BlenderInstallation blender = Blenders.find(settings.blender(), System.getenv());
      ServerKeys keys = ServerKeys.of(server, settings.name().value());
      ServerPassword password = ServerPassword.of(server);
      AgentLimits limits =
          AgentLimits.DEFAULT.withNotice(settings.notice()).withUnavailable(settings.unavailable());
      AgentServer agent =
          guard.keep(
              AgentServer.start(
                  new AgentOptions(
                      settings.name(),
                      server.listenHost(),
                      server.listenPort(),
                      keys.identity(),
                      password.credentials(),
                      server.dataFolder().resolve("data"),
                      settings.cores().orElse(Runtime.getRuntime().availableProcessors()),
                      blender,
                      limits,
                      settings.scenes(),
                      ProgramVersion.current()),
                  logging.toBuffer()));
      if (!options.endsWithParent()) {
        // Closed before the agent itself: when a signal comes, results are delivered first.
        guard.keep(() -> agent.terminate("The agent was told to end", limits.notice()));
        options.hurryAtSecondSignal(agent::close);
      }
      options.listening(server, agent.port());
      log.info(
          "Listens on {} port {} for the user {}{} with Blender {}; clients trust {}",
          server.listenHost(),
          agent.port(),
          server.user(),
          password.file().map(where -> " (password in " + where + ")").orElse(""),
          blender.versionString(),
          keys.authorityFile());
      Optional<String> asked = options.untilStopped(agent.endAsked());
      if (asked.isPresent()) {
        agent.terminate(asked.get(), limits.notice());
        options.endMachine(guard, settings.endCommand());
      }
      return ExitCode.DONE.number();
    } catch (SettingsException e) {
      throw CommandException.usage(e.getMessage());
    } catch (IOException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    }
  }
}
