package io.blendnet.cli;

import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.manager.StorageRules;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the JVM watches when the AOT cache is made: a Manager starts and answers a client. Needs no
 * Blender and takes a second.
 */
@Command(name = "warm-up", hidden = true, header = "Run by ./blendnet after a build.")
final class WarmUpCommand implements Callable<Integer> {
  @Option(names = "--folder", required = true)
  private Path folder = Path.of("");

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging logging = Logging.begin().toFile(folder.resolve("log"));
    FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    ServerIdentity identity =
        ServerIdentity.openOrIssue(
            folder.resolve("certificate"), authority, "manager", List.of("127.0.0.1"));
    Credentials user = Credentials.generate("blendnet");
    var options =
        new ManagerOptions(
            "127.0.0.1",
            0,
            identity,
            authority.trusted(),
            user,
            folder.resolve("data"),
            "manager",
            ProgramVersion.current(),
            Optional.empty(),
            Optional.empty(),
            ManagerOptions.STANDARD_AGENT_IDLE,
            StorageRules.DEFAULT);
    try (ManagerServer manager = ManagerServer.start(options, logging.toBuffer());
        ManagerClient client =
            new ManagerAccess(
                    new ServerAddress("127.0.0.1", manager.port()), user, authority.trusted())
                .connect()) {
      client.info();
      client.status();
      client.tasks();
      client.resources();
    }
    return ExitCode.DONE.number();
  }
}
