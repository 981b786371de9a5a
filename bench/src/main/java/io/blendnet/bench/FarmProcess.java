package io.blendnet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Manager or an agent that {@code ./blendnet} started with a configuration file, to be killed,
 * suspended and started again on its folder. Used by one thread at a time.
 */
final class FarmProcess {
  static final String USER = "chaos";

  private static final Duration START = Duration.ofMinutes(2);

  /** An agent may take its whole notice, and then end its Blender. */
  private static final Duration END = Duration.ofSeconds(60);

  private final FarmRoom room;
  private final String kind;
  private final String name;
  private final Path folder;
  private final String password;
  private final List<Long> started = new ArrayList<>();
  private final List<String> settings;
  private volatile Optional<Process> process = Optional.empty();
  private volatile int port;

  /**
   * Prepares a server that is not started yet.
   *
   * @param kind {@code manager} or {@code agent}
   * @param settings further lines of its configuration
   */
  FarmProcess(FarmRoom room, String kind, String name, String... settings) throws IOException {
    this.room = room;
    this.kind = kind;
    this.name = name;
    this.folder = Files.createDirectories(room.folder().resolve(name));
    this.password = UUID.randomUUID().toString();
    this.settings = List.of(settings);
    Path secret = folder.resolve("secret");
    Files.createFile(
        secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, password + "\n");
  }

  String name() {
    return name;
  }

  String password() {
    return password;
  }

  int port() {
    return port;
  }

  Path folder() {
    return folder;
  }

  /** The file with the password. */
  Path secret() {
    return folder.resolve("secret");
  }

  /** Where its certificate and key lie. */
  Path certificate() {
    return folder.resolve("data/certificate");
  }

  /** The most memory that it had, in bytes; -1 where the system does not say. */
  long peakMemory() {
    return process.map(alive -> Watched.peak(alive.pid())).orElse(-1L);
  }

  /** Where all servers that belong to it have their folders. */
  Path room() {
    return room.folder();
  }

  /** What clients have to trust. */
  Path authority() {
    return folder.resolve("data/authority/ca.crt");
  }

  /** Where it keeps its things. */
  Path data() {
    return folder.resolve("data/data");
  }

  Path log() {
    return folder.resolve("log.txt");
  }

  /** Starts it and waits until it listens: on the port that it had before, where it had one. */
  void start() throws IOException, InterruptedException {
    Path config = folder.resolve(kind + ".conf");
    Path portFile = folder.resolve("port");
    Files.deleteIfExists(portFile);
    Files.writeString(
        config,
        """
        listen-port = %d
        port-file = port
        auth-user = %s
        auth-password-file = secret
        data-folder = data
        %s
        """
            .formatted(port, USER, String.join("\n", settings)));
    Process fresh =
        room.start(
            List.of(
                Commands.root().resolve("blendnet").toString(),
                kind,
                "--stop-with-parent",
                "--config",
                config.toString(),
                "--folder",
                folder.toString()),
            log());
    process = Optional.of(fresh);
    started.add(fresh.pid());
    Instant end = Instant.now().plus(START);
    while (!Files.exists(portFile)) {
      if (!fresh.isAlive() || Instant.now().isAfter(end)) {
        throw new IOException("%s does not start. Its last words: %s".formatted(name, lastWords()));
      }
      Thread.sleep(20);
    }
    port = Integer.parseInt(Files.readString(portFile).strip());
  }

  String lastWords() throws IOException {
    String log = Files.readString(log());
    return log.substring(Math.max(0, log.length() - 2_000));
  }

  boolean isAlive() {
    return process.filter(Process::isAlive).isPresent();
  }

  /** Numbers of all processes that it was. */
  List<Long> started() {
    return List.copyOf(started);
  }

  /** SIGKILL to it alone; what it had started has to end by itself. */
  void kill() throws InterruptedException {
    if (process.isPresent()) {
      process.get().destroyForcibly().waitFor();
    }
  }

  /** SIGKILL to the Blenders of an agent. */
  void killBlenders() {
    process.ifPresent(
        alive -> AgentBlenders.of(alive.toHandle()).forEach(ProcessHandle::destroyForcibly));
  }

  /** SIGSTOP to it and all that it has started, as when its whole machine stands still. */
  void suspend() throws IOException, InterruptedException {
    signal("STOP", tree());
  }

  /** SIGCONT. */
  void resume() throws IOException, InterruptedException {
    signal("CONT", tree());
  }

  /** SIGTERM. */
  void terminate() throws IOException, InterruptedException {
    if (process.isPresent()) {
      signal("TERM", Stream.of(process.get().toHandle()));
    }
  }

  /**
   * Waits until it has ended by itself, and kills it where it does not.
   *
   * @return what was wrong with its end
   */
  Optional<String> awaitEnd() throws InterruptedException {
    if (process.isEmpty()) {
      return Optional.empty();
    }
    if (!process.get().waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
      kill();
      return Optional.of(name + " had not ended " + END.toSeconds() + " s after SIGTERM");
    }
    int code = process.get().exitValue();
    return code == 0
        ? Optional.empty()
        : Optional.of(name + " ended with exit code " + code + " after SIGTERM");
  }

  private Stream<ProcessHandle> tree() {
    return process.stream()
        .map(Process::toHandle)
        .flatMap(root -> Stream.concat(Stream.of(root), root.descendants()));
  }

  private static void signal(String signal, Stream<ProcessHandle> processes)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("kill", "-s", signal, "--"));
    processes.forEach(one -> command.add(String.valueOf(one.pid())));
    // One that is gone meanwhile needs no signal.
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
