package io.blendnet.blender;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * The process of a session with its whole tree, and the thread that reads what it prints.
 *
 * <p>That thread starts the process and lives as long as the process does: on Linux the process
 * dies with the thread that started it (see {@link HostSystem#inOwnGroup}), and a virtual thread's
 * carrier or a pool's thread may end at any time.
 */
final class BlenderProcess implements StepWatch.Signs {
  private static final Logger log = LoggerFactory.getLogger(BlenderProcess.class);

  private final HostSystem host;
  private final String mark;
  private final Process process;

  /** How many processes are between us and Blender: those of a sandbox. */
  private final int depth;

  private final Thread reader;
  private final OutputTail tail;
  private final BlockingQueue<JsonNode> answers;

  /** By {@link System#nanoTime}. */
  private volatile long lastOutput;

  /** Once it has been seen. */
  private volatile Optional<ProcessHandle> blender = Optional.empty();

  private BlenderProcess(
      HostSystem host,
      String mark,
      Process process,
      int depth,
      Thread reader,
      OutputTail tail,
      BlockingQueue<JsonNode> answers) {
    this.host = host;
    this.mark = mark;
    this.process = process;
    this.depth = depth;
    this.reader = reader;
    this.tail = tail;
    this.answers = answers;
    this.lastOutput = System.nanoTime();
  }

  /**
   * @param folder working folder of the process
   * @param environment what is set beside what we have
   * @param confinement the sandbox to run in, with all that is to be seen there
   * @throws IOException when the program does not start at all
   */
  static BlenderProcess start(
      HostSystem host,
      List<String> command,
      Path folder,
      Map<String, String> environment,
      Optional<Confinement> confinement,
      Consumer<BlenderLine> listener)
      throws IOException {
    String mark = UUID.randomUUID().toString();
    List<String> confined =
        confinement.isPresent()
            ? confinement.get().sandbox().around(command, folder, confinement.get())
            : command;
    int depth = confinement.map(room -> room.sandbox().processesAround()).orElse(0);
    ProcessBuilder builder = new ProcessBuilder(host.inOwnGroup(confined));
    builder.directory(folder.toFile()).redirectErrorStream(true);
    ProcessEnvironment.reduce(builder.environment(), confinement);
    // Blender believes this rather than the system (BLI_current_working_dir).
    builder.environment().put("PWD", folder.toString());
    builder.environment().putAll(environment);
    builder.environment().put(HostSystem.PROCESS_MARK, mark);

    var started = new CompletableFuture<BlenderProcess>();
    Thread.ofPlatform()
        .name("blender-output")
        .daemon()
        .start(() -> startAndRead(host, mark, builder, depth, listener, started));
    try {
      return started.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  private static void startAndRead(
      HostSystem host,
      String mark,
      ProcessBuilder builder,
      int depth,
      Consumer<BlenderLine> listener,
      CompletableFuture<BlenderProcess> started) {
    BlenderProcess blender;
    try {
      Process process = builder.start();
      blender =
          new BlenderProcess(
              host,
              mark,
              process,
              depth,
              Thread.currentThread(),
              new OutputTail(),
              new LinkedBlockingQueue<>());
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
      return;
    }
    host.offerToMemoryKiller(blender.process.toHandle());
    // Whoever waits for an answer looks up at once when the process ends.
    var _ = blender.process.onExit().thenRun(() -> blender.answers.add(MissingNode.getInstance()));
    started.complete(blender);
    blender.read(listener);
    blender.waitForEnd();
  }

  private void read(Consumer<BlenderLine> listener) {
    try (var in = process.getInputStream()) {
      OutputLines lines = new OutputLines(in);
      Optional<String> line = lines.next();
      while (line.isPresent()) {
        lastOutput = System.nanoTime();
        accept(line.get(), listener);
        line = lines.next();
      }
    } catch (IOException e) {
      log.debug("Blender's output ended: {}", e.toString());
    }
  }

  private void accept(String line, Consumer<BlenderLine> listener) {
    int marker = line.indexOf(OutputLines.MARKER);
    String chatter = line;
    if (marker >= 0) {
      Optional<JsonNode> answer =
          SessionJson.parseAnswer(line.substring(marker + OutputLines.MARKER.length()));
      if (answer.isPresent()) {
        answers.add(answer.get());
        // Blender may have begun a line and not finished it.
        chatter = line.substring(0, marker);
      }
    }
    if (chatter.isBlank()) {
      return;
    }
    BlenderLine parsed = BlenderLine.parse(chatter);
    tail.add(parsed);
    try {
      listener.accept(parsed);
    } catch (RuntimeException e) {
      log.warn("A listener failed on a line of Blender's output", e);
    }
  }

  /** The output may end before the process does. */
  private void waitForEnd() {
    boolean ended = false;
    while (!ended) {
      try {
        process.waitFor();
        ended = true;
      } catch (InterruptedException e) {
        log.debug("Nobody interrupts this thread: Blender would die with it");
      }
    }
  }

  OutputTail tail() {
    return tail;
  }

  /** Blender itself; while it is not there yet, what starts it. */
  ProcessHandle handle() {
    Optional<ProcessHandle> seen = blender;
    if (seen.isPresent()) {
      return seen.get();
    }
    ProcessHandle handle = process.toHandle();
    for (int level = 0; level < depth; level++) {
      // One child each: Blender is the first that the sandbox starts, and nobody else's child comes
      // to the sandbox before Blender has opened a scene.
      Optional<ProcessHandle> child = handle.children().findFirst();
      if (child.isEmpty()) {
        return handle;
      }
      handle = child.get();
    }
    // Again: the sandbox may have forked before it was told the first time.
    host.offerToMemoryKiller(handle);
    blender = Optional.of(handle);
    return handle;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public long lastOutput() {
    return lastOutput;
  }

  @Override
  public Optional<Duration> processorTime() {
    return handle().info().totalCpuDuration();
  }

  /** Sends a line. A process that does not read, or is gone, shows itself by its silence. */
  void send(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    // A pipe takes 64 KiB before the writer has to wait; who waits must not miss its deadline.
    Thread.ofVirtual()
        .name("blender-input")
        .start(() -> {
          try {
            OutputStream out = process.getOutputStream();
            out.write(bytes);
            out.flush();
          } catch (IOException e) {
            log.debug("Blender takes no command: {}", e.toString());
          }
        });
  }

  /**
   * The next answer, or null when none came in time. When the process ends, something that is no
   * object comes once.
   */
  @Nullable JsonNode poll(Duration patience) throws InterruptedException {
    return answers.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Drops answers that nobody waits for. */
  void forgetAnswers() {
    answers.clear();
  }

  /**
   * Kills the whole tree and waits until it is gone.
   *
   * @return whether it is gone
   */
  boolean kill() {
    boolean gone = host.killTree(process.toHandle(), mark);
    if (!gone) {
      log.warn("Processes of Blender {} do not die", process.pid());
    }
    return gone;
  }

  /**
   * Waits for an end that is at hand and for the last of the output; then the exit code, if any.
   */
  Optional<Integer> exitCode(Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
      // Children may hold the output open: without them it ends.
      kill();
      reader.join(patience);
      return Optional.of(process.exitValue());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return process.isAlive() ? Optional.empty() : Optional.of(process.exitValue());
    }
  }

  static List<String> command(Path executable, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(executable.toString());
    command.addAll(arguments);
    return command;
  }
}
