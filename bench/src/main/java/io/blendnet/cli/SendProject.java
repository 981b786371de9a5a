package io.blendnet.cli;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.WireJson;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@code blendnet render} does with a scene's files, without the Blender that says which they
 * are: a process of its own, so that its time and its memory can be told.
 */
public final class SendProject {
  private SendProject() {}

  /**
   * What it took.
   *
   * @param seconds from the first look at a file until the Manager had all
   * @param attaching seconds until all of them were the tasks'
   * @param sentFiles that the Manager lacked
   * @param sentBytes that went over the line
   */
  public record Sent(double seconds, double attaching, int sentFiles, long sentBytes) {}

  /**
   * Sends a folder and makes tasks of it, which are left to be run.
   *
   * @param arguments port, user, password file, certificate of the authority, folder; then names of
   *     tasks
   */
  public static void main(String[] arguments) throws Exception {
    List<String> given = List.of(arguments);
    Path folder = Path.of(given.get(4));
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    try (ManagerClient manager = manager(given)) {
      System.out.println(
          new String(
              WireJson.write(send(manager, folder, files, given.subList(5, given.size()))),
              StandardCharsets.UTF_8));
    }
  }

  private static ManagerClient manager(List<String> given) throws IOException {
    String password = Files.readString(Path.of(given.get(2))).strip();
    return new ManagerClient(
        ClientOptions.of(
            new ServerAddress("127.0.0.1", Integer.parseInt(given.get(0))),
            TrustedAuthority.load(Path.of(given.get(3))).clientContext(),
            given.get(1),
            () -> password));
  }

  private static Sent send(ManagerClient manager, Path folder, List<Path> files, List<String> tasks)
      throws IOException, InterruptedException {
    // The command has talked to the Manager before it looks at files.
    manager.info();
    long begin = System.nanoTime();
    KnownHashes hashes =
        KnownHashes.open(UserFolders.cache(System.getenv()), InstantSource.system());
    SceneUpload.Arrived arrived = new SceneUpload(manager, files, hashes).run();
    double seconds = seconds(begin);
    begin = System.nanoTime();
    for (String name : tasks) {
      var task = new TaskName(name);
      manager.attachFiles(task, arrived.contents());
      manager.configure(task, config(folder));
    }
    return new Sent(seconds, seconds(begin), arrived.sent().files(), arrived.sent().bytes());
  }

  private static TaskConfig config(Path folder) {
    return new TaskConfig(
        Optional.of("still.blend"),
        Optional.of(folder.toString()),
        Optional.of(folder.toString()),
        Optional.empty(),
        Optional.empty(),
        Optional.of(1),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
