package io.blendnet.cli;

import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.provider.LocalAgents;
import io.blendnet.provider.ServerStartException;
import io.blendnet.security.FarmAuthority;
import java.io.IOException;
import java.net.InetAddress;
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
    name = "manager",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    header = "Runs a Manager, in the foreground, until SIGTERM or Ctrl-C, or until it is idle.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet manager",
      "  blendnet manager --local-agents 2",
      "  blendnet manager --config /etc/blendnet/manager.conf",
      "  blendnet manager --stop-when-idle 30m --end-command 'sudo poweroff'"
    })
final class ManagerCommand implements Callable<Integer> {
  @Mixin private ServerFlags options = new ServerFlags();

  @Option(
      names = "--local-agents",
      paramLabel = "N",
      description = "Agents to start on this computer; overrides the configuration.")
  private Optional<String> localAgents = Optional.empty();

  @Option(
      names = "--stop-when-idle",
      paramLabel = "TIME",
      description =
          "End when no task has been active for so long, such as 30m; 0: never. "
              + "Overrides the configuration.")
  private Optional<String> stopWhenIdle = Optional.empty();

  @Option(
      names = "--agent-idle",
      paramLabel = "TIME",
      description =
          "Give rented agents back that have had nothing to do for so long, such as 5m; 0: never. "
              + "Overrides the configuration.")
  private Optional<String> agentIdle = Optional.empty();

  @Option(
      names = "--end-command",
      paramLabel = "COMMAND",
      description =
          "Run when the Manager has ended because no task was active; not after SIGTERM or "
              + "Ctrl-C. Overrides the configuration.")
  private Optional<String> endCommand = Optional.empty();

  private Map<SettingKey, String> given() {
    var given = new HashMap<SettingKey, String>();
    localAgents.ifPresent(text -> given.put(ManagerSettings.LOCAL_AGENTS, text));
    stopWhenIdle.ifPresent(text -> given.put(ManagerSettings.STOP_WHEN_IDLE, text));
    agentIdle.ifPresent(text -> given.put(ManagerSettings.AGENT_IDLE, text));
    endCommand.ifPresent(text -> given.put(ManagerSettings.END_COMMAND, text));
    return given;
  }

  @Override
  public Integer call() throws CommandException, InterruptedException {
    Logging logging = Logging.begin().toStandardError();
    Logger log = LoggerFactory.getLogger(ManagerCommand.class);
    try (var guard = ExitGuard.ofServer()) {
      Path folder = options.folder();
      SettingsFile file =
          options.configuration("manager", ManagerSettings::read, SettingsFile.none(folder));
      file.remarks().forEach(log::warn);
      ManagerSettings settings = ManagerSettings.from(file.under(given()), folder);
      ServerSettings server = settings.server();
      ServerKeys keys = ServerKeys.of(server, "BlendNet Manager");
      ServerPassword password = ServerPassword.of(server);
      ManagerServer manager =
          guard.keep(
              ManagerServer.start(
                  new ManagerOptions(
                      server.listenHost(),
                      server.listenPort(),
                      keys.identity(),
                      keys.trusted(),
                      password.credentials(),
                      server.dataFolder().resolve("data"),
                      InetAddress.getLoopbackAddress().getHostName(),
                      ProgramVersion.current(),
                      Optional.empty(),
                      settings.stopWhenIdle(),
                      settings.agentIdle(),
                      settings.storage()),
                  logging.toBuffer()));
      var access =
          new ManagerAccess(
              new ServerAddress(reachableFromHere(server), manager.port()),
              password.credentials(),
              keys.trusted());
      if (settings.localAgents() > 0) {
        startAgents(settings, access, guard);
      }
      options.listening(server, manager.port());
      log.info(
          "Serves {} for the user {}{}; clients trust {}",
          access.server(),
          server.user(),
          password.file().map(where -> " (password in " + where + ")").orElse(""),
          keys.authorityFile());
      if (options.untilStopped(manager.endAsked()).isPresent()) {
        options.endMachine(guard, settings.endCommand());
      }
      return ExitCode.DONE.number();
    } catch (SettingsException e) {
      throw CommandException.usage(e.getMessage());
    } catch (IOException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    }
  }

  private static void startAgents(ManagerSettings settings, ManagerAccess access, ExitGuard guard)
      throws CommandException, IOException, InterruptedException {
    Path folder = settings.server().dataFolder().resolve("local");
    FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    Path blender = Blenders.find(settings.blender(), System.getenv()).executable();
    try (var client = access.connect()) {
      LocalAgents agents =
          guard.keep(
              LocalAgents.start(
                  LocalFarm.agentOptions(
                      folder, settings.localAgents(), blender, settings.scenes()),
                  authority));
      LocalFarm.introduce(agents.agents(), client, authority.certificatePem());
    } catch (ServerStartException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    }
  }

  private static String reachableFromHere(ServerSettings server) {
    return switch (server.listenHost()) {
      case "0.0.0.0" -> "127.0.0.1";
      case "::" -> "::1";
      default -> server.listenHost();
    };
  }
}
