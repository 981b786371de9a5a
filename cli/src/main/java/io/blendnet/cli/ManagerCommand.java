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
    header = "Runs a Manager, in the foreground, until SIGTERM or Ctrl-C.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  blendnet manager",
      "  blendnet manager --local-agents 2",
      "  blendnet manager --config /etc/blendnet/manager.conf"
    })
final class ManagerCommand implements Callable<Integer> {
  @Mixin private ServerFlags options = new ServerFlags();

  @Option(
      names = "--local-agents",
      paramLabel = "N",
      description = "Agents to start on this computer; overrides the configuration.")
  private Optional<Integer> localAgents = Optional.empty();

  @Override
  public Integer call() throws CommandException, InterruptedException {
    Logging logging = Logging.begin().toStandardError();
    Logger log = LoggerFactory.getLogger(ManagerCommand.class);
    try (var guard = ExitGuard.ofServer()) {
      Path folder = options.folder();
      SettingsFile file =
          options.configuration("manager", ManagerSettings::read, SettingsFile.none(folder));
      file.remarks().forEach(log::warn);
      ManagerSettings settings = ManagerSettings.from(file, folder);
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
                      Optional.empty()),
                  logging.toBuffer()));
      var access =
          new ManagerAccess(
              new ServerAddress(reachableFromHere(server), manager.port()),
              password.credentials(),
              keys.trusted());
      int agents = localAgents.orElse(settings.localAgents());
      if (agents > 0) {
        startAgents(settings, agents, access, guard);
      }
      options.listening(server, manager.port());
      log.info(
          "Serves {} for the user {}{}; clients trust {}",
          access.server(),
          server.user(),
          password.file().map(where -> " (password in " + where + ")").orElse(""),
          keys.authorityFile());
      options.untilStopped();
      return ExitCode.DONE.number();
    } catch (SettingsException e) {
      throw CommandException.usage(e.getMessage());
    } catch (IOException e) {
      throw CommandException.environment(String.valueOf(e.getMessage()));
    }
  }

  private static void startAgents(
      ManagerSettings settings, int count, ManagerAccess access, ExitGuard guard)
      throws CommandException, IOException, InterruptedException {
    Path folder = settings.server().dataFolder().resolve("local");
    FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    Path blender = Blenders.find(settings.blender(), System.getenv()).executable();
    try (var client = access.connect()) {
      LocalAgents agents =
          guard.keep(LocalAgents.start(LocalFarm.agentOptions(folder, count, blender), authority));
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
