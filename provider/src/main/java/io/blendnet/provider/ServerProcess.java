package io.blendnet.provider;

import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.PrivateFiles;
import io.blendnet.security.ServerIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server of this program as a process of its own on this computer, with its private folder. It
 * listens on loopback, on a port that it chooses and writes into a file.
 */
final class ServerProcess {
  static final String ADDRESS = "127.0.0.1";
  private static final long POLL_MILLIS = 20;
  private static final int LAST_WORDS = 15;

  private final String command;
  private final String name;
  private final Path folder;
  private final Process process;

  private ServerProcess(String command, String name, Path folder, Process process) {
    this.command = command;
    this.name = name;
    this.folder = folder;
    this.process = process;
  }

  /**
   * Starts a server.
   *
   * @param program the command line that runs this program
   * @param command which server: {@code agent} or {@code manager}
   * @param name unique among the servers of a farm
   * @param parent folder in which it has its own
   * @param settings lines of its configuration beside those that every server needs
   */
  static ServerProcess start(
      List<String> program,
      String command,
      String name,
      Path parent,
      FarmAuthority authority,
      Credentials credentials,
      List<String> settings)
      throws IOException {
    Path folder = PrivateFiles.createFolder(parent.resolve(name));
    Files.deleteIfExists(file(folder, command, ".port"));
    var _ =
        ServerIdentity.openOrIssue(folder, authority, name, List.of(ADDRESS, "localhost", "::1"));
    writePrivately(folder.resolve("password"), List.of(credentials.password().reveal()));
    var lines =
        new ArrayList<>(
            List.of(
                "# Written at each start of this server.",
                "listen-host = " + ADDRESS,
                "listen-port = 0",
                "port-file = " + command + ".port",
                "auth-user = " + credentials.user(),
                "auth-password-file = password",
                "data-folder = data"));
    lines.addAll(settings);
    writePrivately(file(folder, command, ".conf"), lines);
    Path log = file(folder, command, ".log");
    if (Files.exists(log)) {
      var _ = PrivateFiles.restrict(log);
    } else {
      PrivateFiles.open(log).close();
    }
    var words = new ArrayList<>(program);
    words.addAll(List.of(command, "--folder", folder.toString(), "--stop-with-parent"));
    Process process =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new ServerProcess(command, name, folder, process);
  }

  private static void writePrivately(Path file, List<String> lines) throws IOException {
    PrivateFiles.replace(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static Path file(Path folder, String command, String ending) {
    return folder.resolve(command + ending);
  }

  private Path file(String ending) {
    return file(folder, command, ending);
  }

  long id() {
    return process.pid();
  }

  /**
   * Waits until the server has written its port.
   *
   * @param deadline by {@link System#nanoTime()}
   */
  int awaitPort(long deadline) throws ServerStartException {
    try {
      while (!Files.exists(file(".port"))) {
        if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          throw new ServerStartException(
              "%s ended with exit code %d before it listened.%s"
                  .formatted(name, process.exitValue(), lastWords()));
        }
        if (System.nanoTime() > deadline) {
          throw new ServerStartException(
              "%s does not listen yet, and is given up.%s".formatted(name, lastWords()));
        }
      }
      return Integer.parseInt(Files.readString(file(".port")).strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerStartException("Interrupted while " + name + " was starting", e);
    } catch (IOException | NumberFormatException e) {
      throw new ServerStartException(
          "Cannot read the port of %s from %s: %s".formatted(name, file(".port"), e), e);
    }
  }

  /** How it ended, with its last words; empty while it lives. */
  Optional<String> ended() {
    return process.isAlive()
        ? Optional.empty()
        : Optional.of(
            "%s ended with exit code %d.%s".formatted(name, process.exitValue(), lastWords()));
  }

  private String lastWords() {
    Path log = file(".log");
    try {
      List<String> lines = Files.readAllLines(log);
      List<String> last = lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size());
      return last.isEmpty()
          ? " It said nothing; see " + log
          : " Its last words (" + log + "):\n  " + String.join("\n  ", last);
    } catch (IOException e) {
      return " Its log cannot be read: " + e;
    }
  }

  /** It and everything that it has started so far. */
  Stream<ProcessHandle> tree() {
    return Stream.concat(process.descendants(), Stream.of(process.toHandle()));
  }

  /**
   * Ends servers in order and kills what is left after a while; returns when they are gone with all
   * that they started.
   *
   * @param patienceNanos how long they have to end in order
   */
  static void end(List<ServerProcess> servers, long patienceNanos) {
    // Looked up before the first goes: children of a process that is gone cannot be found any more.
    List<ProcessHandle> all = servers.stream().flatMap(ServerProcess::tree).toList();
    servers.forEach(server -> server.process.destroy());
    long deadline = System.nanoTime() + patienceNanos;
    servers.forEach(server -> server.end(deadline));
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** Waits until the deadline, then kills it with everything that it has started. */
  private void end(long deadline) {
    boolean ended = false;
    try {
      ended = process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      tree().toList().forEach(ProcessHandle::destroyForcibly);
    }
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The pipe of a process that is gone.
    }
  }
}
