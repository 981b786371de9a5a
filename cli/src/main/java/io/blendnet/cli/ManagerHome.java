package io.blendnet.cli;

import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.provider.LocalManager;
import io.blendnet.provider.ServerStartException;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where the Manager of a farm lives that is there for one command. */
enum ManagerHome {
  /** In the command's own process: the quickest to start. */
  THIS_PROCESS {
    @Override
    StartedManager start(
        Path folder, FarmAuthority authority, Credentials user, LogBuffer log, ExitGuard guard)
        throws IOException {
      Path own = folder.resolve("manager");
      ServerIdentity identity =
          ServerIdentity.openOrIssue(
              own.resolve("certificate"), authority, "manager", List.of(ADDRESS, "localhost"));
      ManagerServer server =
          guard.keep(
              ManagerServer.start(
                  ManagerOptions.standard(
                      ADDRESS,
                      identity,
                      authority.trusted(),
                      user,
                      own.resolve("data"),
                      ProgramVersion.current()),
                  log));
      return new StartedManager(new ServerAddress(ADDRESS, server.port()), Optional::empty);
    }

    @Override
    String description(ServerAddress address) {
      return "a Manager of its own on port " + address.port();
    }
  },

  /** In a process of its own, as on a farm that stays. */
  OWN_PROCESS {
    @Override
    StartedManager start(
        Path folder, FarmAuthority authority, Credentials user, LogBuffer log, ExitGuard guard)
        throws ServerStartException {
      LocalManager manager =
          guard.keep(
              LocalManager.start(ThisProgram.command(), folder, authority, user, START_DEADLINE));
      return new StartedManager(
          new ServerAddress(manager.address(), manager.port()), manager::failure);
    }

    @Override
    String description(ServerAddress address) {
      return "a Manager in a process of its own on port " + address.port();
    }
  };

  static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final String ADDRESS = "127.0.0.1";

  /**
   * Starts it.
   *
   * @param folder private, of the whole farm
   * @param guard ends it
   */
  abstract StartedManager start(
      Path folder, FarmAuthority authority, Credentials user, LogBuffer log, ExitGuard guard)
      throws IOException, ServerStartException;

  /** In words. */
  abstract String description(ServerAddress address);
}
