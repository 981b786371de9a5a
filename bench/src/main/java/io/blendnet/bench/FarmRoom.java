package io.blendnet.bench;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A folder in which servers are started, with temporary files and caches of their own. All that is
 * started here carries a mark in its environment, by which it is found wherever it went.
 */
final class FarmRoom implements Closeable {
  private static final String MARK = "BLENDNET_FARM_ROOM";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final String mark = UUID.randomUUID().toString();
  private final Path folder;
  private final String javaOptions;

  private FarmRoom(Path folder, String javaOptions) {
    this.folder = folder;
    this.javaOptions = javaOptions;
  }

  static FarmRoom open(String name) throws IOException {
    return open(name, "");
  }

  /**
   * Opens a room.
   *
   * @param javaOptions for every Java program that is started in it
   */
  static FarmRoom open(String name, String javaOptions) throws IOException {
    var room = new FarmRoom(Files.createTempDirectory("blendnet-" + name + "-"), javaOptions);
    Files.createDirectories(room.temporary());
    Files.createDirectories(room.folder.resolve("cache"));
    return room;
  }

  Path folder() {
    return folder;
  }

  private Path temporary() {
    return folder.resolve("tmp");
  }

  /**
   * Starts a command in a session of its own, where no Ctrl-C of a terminal reaches it; it is given
   * a standard input that ends with this JVM.
   *
   * @param log where its output is added
   */
  Process start(List<String> command, Path log) throws IOException {
    var whole = new ArrayList<>(List.of("setsid"));
    whole.addAll(command);
    return command(whole)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** A command that is to be started here. */
  ProcessBuilder command(List<String> words) {
    var process = new ProcessBuilder(words).directory(folder.toFile());
    var environment = process.environment();
    environment.put(MARK, mark);
    environment.put("TMPDIR", temporary().toString());
    environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    // Java looks at no TMPDIR. Quoted for a path with spaces.
    environment.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=\"" + temporary() + "\" " + javaOptions);
    return process;
  }

  /** Command lines of living processes that were started here, or by what was started here. */
  List<String> processes() throws IOException {
    var lines = new ArrayList<String>();
    for (ProcessHandle process : marked()) {
      Path command = Path.of("/proc", String.valueOf(process.pid()), "cmdline");
      try {
        String words = Files.readString(command, StandardCharsets.ISO_8859_1).replace('\0', ' ');
        lines.add(process.pid() + " " + words);
      } catch (IOException e) {
        // gone meanwhile
      }
    }
    return lines;
  }

  private List<ProcessHandle> marked() throws IOException {
    String entry = MARK + "=" + mark + "\0";
    var found = new ArrayList<ProcessHandle>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        long number = Long.parseLong(process.getFileName().toString());
        // The handle first: it is not mistaken for a later process of the same number.
        Optional<ProcessHandle> handle = ProcessHandle.of(number);
        if (handle.isPresent() && environment(process).contains(entry)) {
          found.add(handle.get());
        }
      }
    }
    return found;
  }

  /** The dead have none any more. */
  private static String environment(Path process) {
    try {
      return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * What is left of processes, and of files for the time being, once all servers have ended.
   *
   * @param passing folders below {@link #folder()} that have to be empty then, or not there
   */
  List<String> leftovers(List<Path> passing) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    List<String> alive = processes();
    while (!alive.isEmpty() && Instant.now().isBefore(end)) {
      Thread.sleep(100);
      alive = processes();
    }
    var left = new ArrayList<String>();
    alive.forEach(line -> left.add("process " + line));
    for (Path place : passing) {
      entries(place).forEach(entry -> left.add("file " + folder.relativize(entry)));
    }
    entries(temporary()).forEach(entry -> left.add("file " + folder.relativize(entry)));
    return left;
  }

  private static List<Path> entries(Path place) throws IOException {
    try (Stream<Path> all = Files.list(place)) {
      return all.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** Kills what is still there, and removes the folder. */
  @Override
  public void close() throws IOException {
    for (var marked = marked(); !marked.isEmpty(); marked = marked()) {
      marked.forEach(ProcessHandle::destroyForcibly);
    }
    Commands.delete(folder);
  }
}
