package io.blendnet.blender;

import io.blendnet.blender.BlenderInstallation.Kind;
import io.blendnet.blender.BlenderLine.Trouble;
import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.SceneFacts;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A live Blender that takes one step after the other. It is started without a scene, so that it can
 * be warm before it is needed.
 *
 * <p>Thread-safe: steps wait for each other, and {@link #kill()} ends a step of another thread at
 * once, with a {@link SessionClosedException} there. Interrupting the thread of a step kills the
 * session likewise. A session that ran out of memory, crashed or hung is over, with all its
 * processes; after any other {@link SessionException} it takes further steps.
 */
public final class BlenderSession implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(BlenderSession.class);
  private static final Duration LAST_WORDS = Duration.ofSeconds(3);

  private static final int UNKNOWN_EXIT = -1;

  /** Number of what the script says without having been asked. */
  private static final int ANNOUNCEMENT = 0;

  private final HostSystem host;
  private final SessionFolder folder;
  private final SessionDeadlines deadlines;
  private final BlenderProcess process;
  private final CellPace pace;
  private final ReentrantLock steps = new ReentrantLock();
  private volatile boolean closed;

  /** Why the session is over, where it was not its owner who ended it. */
  private volatile @Nullable SessionException end;

  private volatile BlenderInstallation installation;
  private int lastNumber = ANNOUNCEMENT;

  /** When the step began. */
  private OptionalLong memoryKillsBefore;

  private BlenderSession(
      HostSystem host,
      SessionFolder folder,
      SessionDeadlines deadlines,
      BlenderProcess process,
      BlenderInstallation installation) {
    this.host = host;
    this.folder = folder;
    this.deadlines = deadlines;
    this.process = process;
    this.installation = installation;
    this.pace = new CellPace(deadlines);
    this.memoryKillsBefore = host.memoryKills();
  }

  /**
   * Starts a Blender and waits until its session script is ready, about a second.
   *
   * @param output gets every line that Blender prints, in the order of printing and without our own
   *     protocol, on a thread of the session's own. Blender waits for it when it is slow.
   * @throws SessionException when Blender does not start; nothing of it is left then
   */
  public static BlenderSession start(
      BlenderInstallation blender, SessionSettings settings, Consumer<BlenderLine> output)
      throws SessionException {
    return start(HostSystem.current(), blender, settings, output);
  }

  static BlenderSession start(
      HostSystem host,
      BlenderInstallation blender,
      SessionSettings settings,
      Consumer<BlenderLine> output)
      throws SessionException {
    SessionFolder folder;
    Optional<Confinement> confinement = Optional.empty();
    try {
      folder = SessionFolder.create(host, settings.folder());
      if (settings.confinement().isPresent()) {
        confinement = Optional.of(shown(blender, folder, settings.confinement().get()));
      }
    } catch (IOException e) {
      throw new SessionException(
          SessionFailure.MACHINE,
          "The folder of the session, %s, cannot be prepared: %s"
              .formatted(settings.folder(), e.getMessage()),
          e);
    }
    BlenderProcess process;
    try {
      process =
          BlenderProcess.start(
              host,
              commandLine(blender, settings, folder),
              folder.path(),
              confinement.map(folder::environmentIn).orElseGet(folder::environment),
              confinement,
              output);
    } catch (IOException e) {
      folder.remove();
      throw new SessionException(
          SessionFailure.MACHINE,
          "%s does not start: %s".formatted(blender.executable(), e.getMessage()),
          e);
    }
    var session = new BlenderSession(host, folder, settings.deadlines(), process, blender);
    try {
      session.awaitAnnouncement();
    } catch (SessionException | RuntimeException | Error e) {
      session.kill();
      throw e;
    }
    return session;
  }

  /** What a sandbox is to see of the session's own folder and of Blender's. */
  private static Confinement shown(
      BlenderInstallation blender, SessionFolder folder, Confinement confinement)
      throws IOException {
    Path executable = blender.executable().toAbsolutePath();
    List<Path> parts = new ArrayList<>(List.of(executable, executable.toRealPath()));
    Path home = Path.of(System.getProperty("user.home", "/")).toAbsolutePath();
    blender.folders().stream()
        // A Blender that somebody unpacked right into their home is no reason to show all of it.
        .filter(part -> !home.startsWith(part) && !folder.path().startsWith(part))
        .filter(Files::exists)
        .forEach(parts::add);
    return folder.shownTo(confinement).with(parts.stream().distinct().toList(), List.of());
  }

  private static List<String> commandLine(
      BlenderInstallation blender, SessionSettings settings, SessionFolder folder) {
    // Relative to the working folder: no name of the user's reaches a command line.
    String script = folder.path().relativize(folder.script()).toString();
    List<String> arguments =
        switch (blender.kind()) {
          case EXECUTABLE ->
              List.of(
                  "--background",
                  "--factory-startup",
                  "-noaudio",
                  "--disable-autoexec",
                  "--threads",
                  Integer.toString(settings.threads()),
                  // Before --python, or it is ignored and a traceback exits with 0.
                  "--python-exit-code",
                  "42",
                  "--python",
                  script);
          case PYTHON_MODULE -> List.of("-E", "-X", "utf8", script);
        };
    return BlenderProcess.command(blender.executable(), arguments);
  }

  private void awaitAnnouncement() throws SessionException {
    steps.lock();
    try {
      JsonNode answer = await(ANNOUNCEMENT, "starting", deadlines.start());
      installation = read(answer, "starting", this::announced);
    } finally {
      steps.unlock();
    }
  }

  private BlenderInstallation announced(JsonNode answer) {
    String version = answer.required("version").asString();
    return new BlenderInstallation(
        installation.executable(),
        installation.kind(),
        BlenderVersion.find(version)
            .orElseThrow(() -> new IllegalArgumentException("no version: " + version)),
        answer.path("version_string").asString(version),
        answer.path("build_date").asString(""),
        answer.path("denoising").asBoolean(false),
        SessionJson.paths(answer.path("folders")));
  }

  /** The Blender that runs, as it has introduced itself. */
  public BlenderInstallation installation() {
    return installation;
  }

  /** The process, for measurements; ending it is {@link #kill()}'s business. */
  public ProcessHandle process() {
    return process.handle();
  }

  /** Opens a scene in place of the one that is open, and prepares it for cells. */
  public SceneFacts open(SceneRequest scene) throws SessionException {
    return open(scene, SessionJson.open(scene));
  }

  /**
   * Opens a scene on the computer where it was made: its files are where it says, and the request's
   * own paths and folders are not looked at.
   */
  public SceneFacts openInPlace(SceneRequest scene) throws SessionException {
    return open(scene, SessionJson.openInPlace(scene));
  }

  private SceneFacts open(SceneRequest scene, ObjectNode command) throws SessionException {
    Path blend = scene.blend();
    if (!Files.isReadable(blend)) {
      throw new SessionException(
          SessionFailure.SCENE,
          Files.exists(blend)
              ? blend + " may not be read by this user."
              : "There is no file " + blend + ".",
          List.of());
    }
    pace.reset();
    return step("opening " + blend, deadlines.open(), command, SessionJson::sceneFacts);
  }

  /**
   * Renders a cell into {@link CellRequest#partial()}. Existing files are overwritten. Whether the
   * file is whole is for the caller to check.
   */
  public RenderedCell render(CellRequest request) throws SessionException {
    String step = "rendering %s of frame %d".formatted(request.cell(), request.frame());
    requireFolder(request.partial(), step);
    long start = System.nanoTime();
    RenderedCell rendered =
        step(
            step,
            pace.limitFor(request.cell()),
            SessionJson.render(request),
            SessionJson::renderedCell);
    pace.record(request.cell(), Duration.ofNanos(System.nanoTime() - start));
    return rendered;
  }

  /** Makes the final picture of the assembled frame, with the scene's compositor and format. */
  public ComposedPicture compose(ComposeRequest request) throws SessionException {
    return step(
        "composing frame " + request.frame(),
        deadlines.compose(),
        SessionJson.compose(request),
        SessionJson::composedPicture);
  }

  /**
   * Lists the files that the open scene needs for these frames.
   *
   * @param frames not empty
   */
  public SceneFiles files(List<Integer> frames) throws SessionException {
    if (frames.isEmpty()) {
      throw new IllegalArgumentException("The files of no frame at all are of no use");
    }
    return step(
        "listing the scene's files",
        deadlines.files(),
        SessionJson.files(frames),
        SessionJson::sceneFiles);
  }

  private static void requireFolder(Path file, String step) throws SessionException {
    Path parent = file.getParent();
    if (parent == null || !Files.isDirectory(parent) || !Files.isWritable(parent)) {
      throw new SessionException(
          SessionFailure.MACHINE,
          "Nothing can be written to the folder %s, wanted for %s.".formatted(parent, step),
          List.of());
    }
  }

  private <T> T step(String step, Duration limit, ObjectNode command, Function<JsonNode, T> reading)
      throws SessionException {
    steps.lock();
    try {
      requireOpen(step);
      memoryKillsBefore = host.memoryKills();
      process.tail().beginStep();
      process.forgetAnswers();
      int number = ++lastNumber;
      command.put("id", number);
      process.send(SessionJson.write(command));
      JsonNode answer = await(number, step, limit);
      if (!answer.path("ok").booleanValue()) {
        throw afterwards(report(step).refused(answer));
      }
      if (process.tail().saw(Trouble.MEMORY)) {
        // Cycles says so, goes on, and leaves a black or unfinished picture.
        throw afterwards(report(step).outOfMemory());
      }
      return read(answer, step, reading);
    } finally {
      steps.unlock();
    }
  }

  private void requireOpen(String step) throws SessionException {
    if (closed) {
      throw new SessionClosedException(step);
    }
    SessionException reason = end;
    if (reason != null) {
      throw new SessionException(reason.failure(), reason.getMessage(), reason.lines());
    }
  }

  private <T> T read(JsonNode answer, String step, Function<JsonNode, T> reading)
      throws SessionException {
    try {
      return reading.apply(answer);
    } catch (RuntimeException e) {
      throw report(step).nonsense(answer, e);
    }
  }

  private JsonNode await(int number, String step, Duration limit) throws SessionException {
    var watch = new StepWatch(process, deadlines, limit, System::nanoTime);
    while (true) {
      boolean alive = process.isAlive();
      Optional<Integer> exitCode = alive ? Optional.empty() : process.exitCode(LAST_WORDS);
      // Before we say that it died: it may have answered first.
      JsonNode answer = nextAnswer(alive ? watch.pause() : Duration.ZERO, step);
      if (answer != null) {
        if (answer.isObject() && answer.path("id").intValue() == number) {
          return answer;
        }
        continue; // of a step that somebody gave up, or a script in the scene prints like us
      }
      if (closed) {
        throw new SessionClosedException(step);
      }
      if (!alive) {
        throw over(report(step).ended(exitCode.orElse(UNKNOWN_EXIT)));
      }
      Optional<String> verdict = watch.verdict();
      if (verdict.isPresent()) {
        throw over(report(step).hung(verdict.get()));
      }
    }
  }

  private @Nullable JsonNode nextAnswer(Duration patience, String step) throws SessionException {
    try {
      return process.poll(patience);
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new SessionClosedException(step);
    }
  }

  /** No such exception leaves us while a process is left. */
  private SessionException over(SessionException reason) {
    end = reason;
    process.kill();
    folder.remove();
    return reason;
  }

  /** A Blender without memory is not trusted with another step. */
  private SessionException afterwards(SessionException failure) {
    return failure.failure() == SessionFailure.MEMORY ? over(failure) : failure;
  }

  private FailureReport report(String step) {
    String name =
        installation.versionString().isEmpty()
            ? installation.executable().toString()
            : "Blender " + installation.versionString();
    return new FailureReport(
        name, step, process.tail(), host, folder.temporary(), memoryKillsBefore);
  }

  /** The most telling lines of Blender's latest output, oldest first; at most 40. */
  public List<String> telling() {
    return process.tail().telling();
  }

  /**
   * The most memory that Blender has had in use so far, in bytes; empty where the system does not
   * say, or Blender is gone.
   */
  public OptionalLong memory() {
    return host.memoryOf(process.handle());
  }

  /** Whether the session takes further steps. */
  public boolean isAlive() {
    return !closed && end == null && process.isAlive();
  }

  /** Ends the session and all its processes at once, from any thread. They are gone on return. */
  public void kill() {
    closed = true;
    process.kill();
    folder.remove();
  }

  /**
   * Ends the session in order: a Blender that does nothing leaves by itself, any other is killed.
   * Nothing is left on return.
   */
  @Override
  public void close() {
    boolean idle = steps.tryLock();
    if (idle) {
      try {
        if (!closed && process.isAlive()) {
          process.send(SessionJson.write(SessionJson.command("quit").put("id", ++lastNumber)));
          Optional<Integer> exitCode = process.exitCode(LAST_WORDS);
          log.debug("Blender left with {}", exitCode);
        }
      } finally {
        steps.unlock();
      }
    }
    kill();
  }

  /** Without version: for a program of which nothing is known yet. */
  static BlenderInstallation unknown(Path executable, Kind kind) {
    return new BlenderInstallation(
        executable, kind, new BlenderVersion(0, 0, 0), "", "", false, List.of());
  }
}
