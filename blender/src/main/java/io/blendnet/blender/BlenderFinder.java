package io.blendnet.blender;

import io.blendnet.blender.BlenderInstallation.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a Blender on this computer: on PATH, in the usual folders, or as the module {@code bpy} of
 * a Python. Every candidate is started once and asked who it is; the answer is kept in a file.
 */
public final class BlenderFinder {
  private static final Logger log = LoggerFactory.getLogger(BlenderFinder.class);

  private static final String WAY_OUT =
      "Install Blender (on Debian: apt-get install blender python3-numpy), or name its executable,"
          + " or a Python that can import bpy, in the configuration.";

  private final HostSystem host;
  private final Path folder;
  private final InstallationCache cache;

  /**
   * @param folder for what is remembered ({@code blenders.json}) and, while a program is asked, for
   *     its temporary files; made private to this user when it does not exist
   */
  public BlenderFinder(Path folder) {
    this(HostSystem.current(), folder);
  }

  BlenderFinder(HostSystem host, Path folder) {
    this.host = host;
    this.folder = folder;
    this.cache = new InstallationCache(host, folder.resolve("blenders.json"));
  }

  private record Candidate(Path executable, Kind kind) {}

  /** The first Blender that works. */
  public BlenderInstallation find() throws BlenderNotFoundException {
    List<String> refusals = new ArrayList<>();
    for (Candidate candidate : candidates()) {
      try {
        return ask(candidate);
      } catch (SessionException e) {
        log.debug("{} is no Blender", candidate.executable(), e);
        // A Python without bpy is what one expects, and no news for the user.
        if (candidate.kind() == Kind.EXECUTABLE) {
          refusals.add(candidate.executable() + ": " + reason(e));
        }
      }
    }
    throw new BlenderNotFoundException(
        refusals.isEmpty()
            ? "There is no Blender on this machine: neither on PATH, nor in the usual folders of "
                + host.name()
                + ", nor as the module bpy of a Python. "
                + WAY_OUT
            : "No Blender on this machine works. " + String.join(" ", refusals) + " " + WAY_OUT);
  }

  /**
   * The Blender at a path that the user configured.
   *
   * @param configured an executable, a Python that can import {@code bpy}, or a folder with Blender
   *     in it
   */
  public BlenderInstallation findAt(Path configured) throws BlenderNotFoundException {
    Path path = configured.toAbsolutePath();
    Candidate candidate = candidateAt(path);
    try {
      return ask(candidate);
    } catch (SessionException e) {
      throw new BlenderNotFoundException(
          "The configured Blender, " + candidate.executable() + ", does not work: " + reason(e));
    }
  }

  private Candidate candidateAt(Path path) throws BlenderNotFoundException {
    Path executable = path;
    if (Files.isDirectory(path)) {
      executable =
          host.blenderNames().stream()
              .map(path::resolve)
              .filter(Executables::isExecutable)
              .findFirst()
              .orElseThrow(() ->
                  new BlenderNotFoundException(
                      "There is no Blender in the configured folder " + path + "."));
    } else if (!Files.exists(path)) {
      throw new BlenderNotFoundException("The configured Blender does not exist: " + path + ".");
    } else if (!Executables.isExecutable(path)) {
      throw new BlenderNotFoundException(
          "The configured Blender, " + path + ", may not be executed by this user.");
    }
    String name = executable.getFileName().toString().toLowerCase(Locale.ROOT);
    return new Candidate(
        executable, name.startsWith("python") ? Kind.PYTHON_MODULE : Kind.EXECUTABLE);
  }

  private List<Candidate> candidates() {
    List<Candidate> candidates = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    for (Path path : Executables.onPath(host.blenderNames())) {
      add(candidates, seen, path, Kind.EXECUTABLE);
    }
    for (Path path : host.blenderPlaces()) {
      add(candidates, seen, path, Kind.EXECUTABLE);
    }
    for (Path path : Executables.onPath(host.pythonNames())) {
      add(candidates, seen, path, Kind.PYTHON_MODULE);
    }
    return candidates;
  }

  /** Under one name only: Debian's /bin is a link to /usr/bin, and both are on PATH. */
  private static void add(List<Candidate> candidates, Set<Path> seen, Path path, Kind kind) {
    try {
      if (seen.add(path.toRealPath())) {
        candidates.add(new Candidate(path, kind));
      }
    } catch (IOException e) {
      log.debug("{} went away", path, e);
    }
  }

  private BlenderInstallation ask(Candidate candidate) throws SessionException {
    Optional<BlenderInstallation> known = cache.find(candidate.executable(), candidate.kind());
    if (known.isPresent()) {
      return known.get();
    }
    Path temporary = folder.resolve("asking-" + UUID.randomUUID());
    SessionSettings settings = new SessionSettings(temporary, 1);
    BlenderInstallation unknown = BlenderSession.unknown(candidate.executable(), candidate.kind());
    try (var session = BlenderSession.start(host, unknown, settings, _ -> {})) {
      cache.put(session.installation());
      return session.installation();
    }
  }

  private static String reason(SessionException e) {
    return e.lines().isEmpty()
        ? e.getMessage()
        : e.getMessage() + " It said: " + e.lines().getLast();
  }
}
