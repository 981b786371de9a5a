package io.blendnet.bench;

import static io.blendnet.bench.SecurityCheck.holds;
import static io.blendnet.bench.SecurityCheck.unless;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What lies on disks, stands in logs, and shows in the list of processes. */
final class FileChecks {
  private static final String FILES = "Files of the servers";
  private static final String SECRETS = "Secrets";
  private static final String AGENTS = "What an agent knows";

  /** Where an agent has a folder for each of its Blenders. */
  private static final String BLENDERS = "blenders";

  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  /** What its group may do with a file that a scene needs. */
  private static final Set<PosixFilePermission> LINKED =
      PosixFilePermissions.fromString("rw-r-----");

  private static final int SANDBOX = 65_534;

  private FileChecks() {}

  /**
   * @param manager the Manager, which has the agent
   * @param agent its agent
   */
  static List<SecurityCheck> all(SecurityTarget manager, SecurityTarget agent) {
    return List.of(
        new SecurityCheck(
            FILES,
            "every file and folder of the data folder is for its owner alone (0600, 0700);"
                + " what Blender reads and writes lies in such a folder",
            target -> open(target.folder().resolve("data"))),
        new SecurityCheck(
            SECRETS,
            "neither password nor key in `GET log`, in the log file, or in other answers",
            target -> {
              StringBuilder text = new StringBuilder(Files.readString(target.server().log()));
              for (String path : List.of("log", "info", "status", "task", "resources")) {
                text.append(target.get(path).text());
              }
              return among(text.toString(), List.of(manager.password(), agent.password()));
            }),
        new SecurityCheck(
            SECRETS,
            "neither password nor key in command lines and environments, children's too",
            target -> {
              var text = new StringBuilder();
              ProcessHandle server = ProcessHandle.of(target.process()).orElseThrow();
              for (ProcessHandle one :
                  Stream.concat(Stream.of(server), server.descendants()).toList()) {
                for (String file : List.of("cmdline", "environ")) {
                  text.append(read(Path.of("/proc", String.valueOf(one.pid()), file)));
                }
              }
              return unless(!text.isEmpty(), "nothing to look at")
                  .or(() -> among(text.toString(), List.of(manager.password(), agent.password())));
            }),
        new SecurityCheck(
            SECRETS,
            "`GET resources` shows no agent's password",
            target ->
                target.isManager()
                    ? unless(
                        !target.get("resources").text().contains(agent.password()), "it is there")
                    : unless(target.get("resources").status() == 404, "an agent answers it")),
        new SecurityCheck(
            AGENTS,
            "neither the Manager's password nor its keys lie with the agent",
            _ -> {
              String key = keyText(manager.folder().resolve("data/authority/ca.key"));
              String own = keyText(manager.folder().resolve("data/certificate/server.key"));
              return found(agent.folder(), List.of(manager.password(), key, own));
            }),
        new SecurityCheck(
            AGENTS,
            "the agent's password does not open the Manager",
            _ -> {
              var answer =
                  manager.send(
                      "GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                          + SecurityTarget.authorization(agent.user(), agent.password())
                          + "\r\n");
              return unless(answer.status() == 401, answer.toString());
            }),
        new SecurityCheck(
            AGENTS,
            "the agent obeys its own farm alone, also with its password",
            _ -> {
              var answer =
                  agent.call(
                      "POST",
                      "work/attach",
                      "X-BlendNet-Manager: another-farm;1;another-start\r\n",
                      "");
              return unless(answer.status() == 409, answer.toString());
            }),
        new SecurityCheck(
            AGENTS,
            "taken out of the farm (`DELETE agent`), it is called no more",
            _ -> {
              var removed = manager.call("DELETE", "agent/checked", "", "");
              String left = manager.get("resources").text();
              return unless(
                  (removed.status() == 200 || removed.status() == 404)
                      && !left.contains("\"checked\""),
                  removed + ", " + left);
            }));
  }

  static Optional<String> open(Path folder) throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        if (isBlenders(folder.relativize(path)) || isOfAScene(folder.relativize(path), path)) {
          continue;
        }
        try {
          if (!OWNERS.containsAll(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))) {
            open.add(
                folder.relativize(path)
                    + " is "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
          }
        } catch (NoSuchFileException e) {
          // gone meanwhile
        }
      }
    }
    return unless(open.isEmpty(), String.join(", ", open));
  }

  /** Whether it lies in a Blender's own folder, which its sandbox's user has to get at. */
  private static boolean isBlenders(Path file) {
    for (int i = 0; i < file.getNameCount() - 2; i++) {
      if (file.getName(i).endsWith(BLENDERS)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether it is a file that an agent which runs as root lets the sandbox's group read: through a
   * link in a scene's folder alone, since the folder of all such files is the agent's own.
   */
  private static boolean isOfAScene(Path file, Path path) throws IOException {
    try {
      return file.startsWith("data/blobs")
          && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
          && Files.getAttribute(path, "unix:gid").equals(SANDBOX)
          && LINKED.equals(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return true; // gone meanwhile
    }
  }

  private static Optional<String> among(String text, List<String> secrets) {
    if (text.contains("PRIVATE KEY")) {
      return Optional.of("a key is there");
    }
    return unless(secrets.stream().noneMatch(text::contains), "a password is there");
  }

  private static Optional<String> found(Path folder, List<String> secrets) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = new ArrayList<>(all.filter(Files::isRegularFile).toList());
    }
    for (Path file : files) {
      String text = read(file);
      if (secrets.stream().anyMatch(text::contains)) {
        return Optional.of("it is in " + folder.relativize(file));
      }
    }
    return holds();
  }

  /** A line from the middle of a PEM file. */
  private static String keyText(Path file) throws IOException {
    return Files.readAllLines(file).get(1);
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
