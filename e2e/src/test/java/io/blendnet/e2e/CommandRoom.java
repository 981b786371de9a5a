package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A user's place on this computer: a working folder, folders for temporary files and caches, and
 * the {@code ./blendnet} of this repository. Whatever is started here carries a mark in its
 * environment, so that a process that stays behind is found wherever it went.
 */
final class CommandRoom {
  private static final String MARK = "BLENDNET_COMMAND_ROOM";

  /** Far more than any command here takes, and far less than a build waits. */
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private final String mark = UUID.randomUUID().toString();
  private final Path folder;
  private final Map<String, String> environment = new LinkedHashMap<>();

  private CommandRoom(Path folder) {
    this.folder = folder;
  }

  /** A room below a folder that the test removes. */
  static CommandRoom in(Path parent) throws IOException {
    var room = new CommandRoom(Files.createDirectories(parent.resolve("room")));
    Files.createDirectories(room.cache());
    Files.createDirectories(room.temporary());
    room.environment.put(MARK, room.mark);
    room.environment.put("XDG_CACHE_HOME", room.cache().toString());
    room.environment.put("TMPDIR", room.temporary().toString());
    // For every JVM, agents' too; quoted for a path with spaces.
    room.environment.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=\"" + room.temporary() + "\"");
    return room;
  }

  /** The repository's root. */
  static Path repository() {
    return Path.of("..").toAbsolutePath().normalize();
  }

  /** Where commands are started. */
  Path folder() {
    return folder;
  }

  Path temporary() {
    return folder.resolve("tmp");
  }

  Path cache() {
    return folder.resolve("cache");
  }

  CommandRoom with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** {@code ./blendnet ARGUMENTS}, until it ends. */
  Ended blendnet(String... arguments) throws IOException, InterruptedException {
    return startBlendnet(arguments).awaitEnd();
  }

  Running startBlendnet(String... arguments) throws IOException {
    return start(command("blendnet", arguments));
  }

  /** A program of the repository with its arguments. */
  private static List<String> command(String program, String... arguments) {
    var command = new ArrayList<String>();
    command.add(repository().resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** A server that ends with this JVM, however that ends. */
  Running startServer(String... arguments) throws IOException {
    List<String> command = command("blendnet", arguments);
    command.add("--stop-with-parent");
    return start(command, ProcessBuilder.Redirect.PIPE);
  }

  /** {@code bench/NAME ARGUMENTS}, until it ends: its parts have deadlines of their own. */
  Ended bench(String name, Duration patience, String... arguments)
      throws IOException, InterruptedException {
    Running running = start(command("bench/" + name, arguments));
    running.process().waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    return running.awaitEnd();
  }

  /** Any command, in a process group of its own as a shell would start it. */
  Running start(List<String> command) throws IOException {
    return start(command, ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
  }

  private Running start(List<String> command, ProcessBuilder.Redirect input) throws IOException {
    var whole = new ArrayList<String>();
    // Continuous integration may run us with SIGINT ignored, which children inherit.
    whole.addAll(List.of("setsid", "env", "--default-signal=INT,TERM"));
    whole.addAll(command);
    String name = UUID.randomUUID().toString();
    Path log = Files.createDirectories(folder.resolve("logs"));
    var running =
        new ProcessBuilder(whole)
            .directory(folder.toFile())
            .redirectInput(input)
            .redirectOutput(log.resolve(name + ".out").toFile())
            .redirectError(log.resolve(name + ".err").toFile());
    running.environment().remove("BLENDNET_BLENDER");
    running.environment().putAll(environment);
    return new Running(
        String.join(" ", command),
        running.start(),
        log.resolve(name + ".out"),
        log.resolve(name + ".err"));
  }

  /** No process, no temporary file, no farm's folder: nothing of the commands is left. */
  void assertNothingLeft() throws IOException {
    assertNoProcessLeft();
    assertThat(temporary()).isEmptyDirectory();
    assertThat(farms()).isEmpty();
  }

  void assertNoProcessLeft() {
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(processes()).isEmpty());
  }

  /**
   * What commands keep for their own time. Which Blenders there are and what is in files may be
   * remembered.
   */
  List<Path> farms() throws IOException {
    Path ours = cache().resolve("blendnet");
    if (!Files.exists(ours)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(ours)) {
      return entries
          .filter(entry -> !entry.endsWith("blenders.json") && !entry.endsWith("known-hashes"))
          .toList();
    }
  }

  /**
   * Command lines of living processes that were started here, or by what was started here. A
   * sandbox has no environment of ours, but our folders on its command line, and dies with what is
   * in it.
   */
  List<String> processes() throws IOException {
    var found = new ArrayList<String>();
    String entry = MARK + "=" + mark + "\0";
    byte[] testsFolder = folder.resolveSibling("").toString().getBytes(StandardCharsets.UTF_8);
    String place = new String(testsFolder, StandardCharsets.ISO_8859_1);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        commandOf(process, entry, place).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<String> commandOf(Path process, String entry, String place) {
    try {
      // The dead have no environment any more.
      byte[] variables = Files.readAllBytes(process.resolve("environ"));
      String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
      boolean isOurs = new String(variables, StandardCharsets.ISO_8859_1).contains(entry);
      if (!isOurs && !(line.contains("bwrap") && line.contains(place))) {
        return Optional.empty();
      }
      return Optional.of(process.getFileName() + " " + line.replace('\0', ' '));
    } catch (IOException e) {
      return Optional.empty(); // gone meanwhile
    }
  }

  /** A command that runs. */
  record Running(String command, Process process, Path out, Path err) {
    /** Ctrl-C: the terminal sends it to the whole group. */
    void interrupt() throws IOException, InterruptedException {
      signal("INT", "-" + process.pid());
    }

    /** What {@code kill} and a service manager send. */
    void terminate() throws IOException, InterruptedException {
      signal("TERM", Long.toString(process.pid()));
    }

    void kill() throws IOException, InterruptedException {
      signal("KILL", Long.toString(process.pid()));
    }

    private static void signal(String name, String target)
        throws IOException, InterruptedException {
      var kill = new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " -- " + target).start();
      assertThat(kill.waitFor()).as("kill -%s %s", name, target).isZero();
    }

    String output() throws IOException {
      return Files.readString(out);
    }

    String errors() throws IOException {
      return Files.readString(err);
    }

    Running awaitErrors(String words) {
      await()
          .atMost(DEADLINE)
          .untilAsserted(() -> {
            assertThat(errors()).as(command).contains(words);
          });
      return this;
    }

    Ended awaitEnd() throws IOException, InterruptedException {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        signal("KILL", "-" + process.pid());
        throw new AssertionError(command + " does not end:\n" + output() + errors());
      }
      return new Ended(command, process.exitValue(), output(), errors());
    }
  }

  /** A command that has ended. */
  record Ended(String command, int exitCode, String output, String errors) {
    Ended assertExitCode(int expected) {
      assertThat(exitCode)
          .as("exit code of %s%n%s%n%s", command, output, errors)
          .isEqualTo(expected);
      return this;
    }

    /** What the user reads beside the result. */
    Ended assertSays(String... words) {
      assertThat(errors).as(command).contains(words);
      return assertNoFault();
    }

    /** What the user reads is for people, and not what a bug looks like. */
    Ended assertNoFault() {
      assertThat(errors).as(command).doesNotContain("\tat ", "fault of the program", "Exception");
      return this;
    }
  }
}
