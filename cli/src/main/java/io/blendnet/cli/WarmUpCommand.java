package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.ServerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the JVM watches when the AOT cache is made: a Manager starts, answers a client and takes
 * files from it. Needs no Blender and takes some seconds.
 */
@Command(name = "warm-up", hidden = true, header = "Run by ./blendnet after a build.")
final class WarmUpCommand implements Callable<Integer> {
  private static final int SMALL_FILES = 1_000;
  private static final int SMALL = 5_000;
  private static final int LARGE = 100_000_000;

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
        ManagerOptions.standard(
            "127.0.0.1",
            identity,
            authority.trusted(),
            user,
            folder.resolve("data"),
            ProgramVersion.current());
    try (ManagerServer manager = ManagerServer.start(options, logging.toBuffer());
        ManagerClient client =
            new ManagerAccess(
                    new ServerAddress("127.0.0.1", manager.port()), user, authority.trusted())
                .connect()) {
      client.info();
      client.status();
      client.tasks();
      client.resources();
      sendFiles(client);
    }
    return ExitCode.DONE.number();
  }

  /** Enough for the JVM to learn what hashing and encrypting are worth being compiled well. */
  private void sendFiles(ManagerClient client) throws IOException, InterruptedException {
    var random = new Random(1);
    List<Path> files = new ArrayList<>();
    for (int number = 0; number < SMALL_FILES; number++) {
      files.add(write("small-" + number, SMALL, random));
    }
    files.add(write("large", LARGE, random));
    var hashes = KnownHashes.open(folder.resolve("cache"), InstantSource.system());
    SceneUpload.Arrived arrived = new SceneUpload(client, files, hashes).run();
    client.attachFiles(new TaskName("warm-up"), arrived.contents());
    new SceneUpload(client, files, hashes).run();
  }

  private Path write(String name, int size, Random random) throws IOException {
    byte[] content = new byte[size];
    random.nextBytes(content);
    return Files.write(folder.resolve(name), content).toAbsolutePath();
  }
}
