package io.blendnet.provider;

import io.blendnet.domain.AgentName;
import io.blendnet.provider.spi.StartedAgent;
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

/** One agent's process and folder. */
final class AgentProcess {
  private static final String ADDRESS = "127.0.0.1";
  private static final long POLL_MILLIS = 20;
  private static final int LAST_WORDS = 15;

  private final AgentName name;
  private final Path folder;
  private final int cores;
  private final Credentials credentials;
  private final Process process;

  private AgentProcess(
      AgentName name, Path folder, int cores, Credentials credentials, Process process) {
    this.name = name;
    this.folder = folder;
    this.cores = cores;
    this.credentials = credentials;
    this.process = process;
  }

  static AgentProcess start(AgentName name, LocalAgentsOptions options, FarmAuthority authority)
      throws IOException {
    Path folder = PrivateFiles.createFolder(options.folder().resolve(name.value()));
    Credentials credentials = Credentials.generate("manager");
    writeFolder(name, folder, options, credentials, authority);
    var command = new ArrayList<>(options.program());
    command.addAll(List.of("agent", "--folder", folder.toString(), "--stop-with-parent"));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(folder).toFile()))
            .start();
    return new AgentProcess(name, folder, options.coresEach(), credentials, process);
  }

  private static void writeFolder(
      AgentName name,
      Path folder,
      LocalAgentsOptions options,
      Credentials credentials,
      FarmAuthority authority)
      throws IOException {
    Files.deleteIfExists(portFile(folder));
    ServerIdentity.openOrIssue(
        folder, authority, name.value(), List.of(ADDRESS, "localhost", "::1"));
    PrivateFiles.replace(
        folder.resolve("password"),
        (credentials.password().reveal() + "\n").getBytes(StandardCharsets.UTF_8));
    var lines =
        new ArrayList<>(
            List.of(
                "# Written at each start of this agent.",
                "listen-host = " + ADDRESS,
                "listen-port = 0",
                "port-file = " + portFile(folder).getFileName(),
                "auth-user = " + credentials.user(),
                "auth-password-file = password",
                "instance-name = " + name.value(),
                "cores = " + options.coresEach(),
                "data-folder = data"));
    options.blender().ifPresent(blender -> lines.add("blender = " + blender.toAbsolutePath()));
    PrivateFiles.replace(
        folder.resolve("agent.conf"),
        (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static Path portFile(Path folder) {
    return folder.resolve("agent.port");
  }

  private static Path log(Path folder) {
    return folder.resolve("agent.log");
  }

  long id() {
    return process.pid();
  }

  /**
   * Waits until the agent has written its port.
   *
   * @param deadline by {@link System#nanoTime()}
   */
  StartedAgent awaitListening(long deadline) throws AgentStartException {
    try {
      while (!Files.exists(portFile(folder))) {
        if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
          throw new AgentStartException(
              "%s ended with exit code %d before it listened.%s"
                  .formatted(name, process.exitValue(), lastWords()));
        }
        if (System.nanoTime() > deadline) {
          throw new AgentStartException(
              "%s does not listen yet, and is given up.%s".formatted(name, lastWords()));
        }
      }
      int port = Integer.parseInt(Files.readString(portFile(folder)).strip());
      return new StartedAgent(name, ADDRESS, port, credentials, cores);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AgentStartException("Interrupted while " + name + " was starting", e);
    } catch (IOException | NumberFormatException e) {
      throw new AgentStartException(
          "Cannot read the port of %s from %s: %s".formatted(name, portFile(folder), e), e);
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
    try {
      List<String> lines = Files.readAllLines(log(folder));
      List<String> last = lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size());
      return last.isEmpty()
          ? " It said nothing; see " + log(folder)
          : " Its last words (" + log(folder) + "):\n  " + String.join("\n  ", last);
    } catch (IOException e) {
      return " Its log cannot be read: " + e;
    }
  }

  /** It and everything that it has started so far. */
  Stream<ProcessHandle> tree() {
    return Stream.concat(process.descendants(), Stream.of(process.toHandle()));
  }

  /** The signal to end in order, which kills Blender and closes the door. */
  void askToEnd() {
    process.destroy();
  }

  /** Waits until the deadline, then kills it with everything that it has started. */
  void end(long deadline) {
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
