package io.blendnet.blender;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The private folder of a session: its scripts, temporary files, and Blender's user folder. */
final class SessionFolder {
  private static final Logger log = LoggerFactory.getLogger(SessionFolder.class);

  private static final List<String> NAMES = List.of("scripts", "tmp", "user");

  private final Path folder;
  private final Path script;

  private SessionFolder(Path folder, Path script) {
    this.folder = folder;
    this.script = script;
  }

  /** What a former session left there, killed with us, is thrown away. */
  static SessionFolder create(HostSystem host, Path folder) throws IOException {
    host.createPrivateFolder(folder);
    for (String name : NAMES) {
      delete(folder.resolve(name));
      host.createPrivateFolder(folder.resolve(name));
    }
    return new SessionFolder(folder, SessionScripts.extract(host, folder.resolve("scripts")));
  }

  /** Opens it to a sandbox, and tells what the sandbox is to see of it. */
  Confinement shownTo(Confinement confinement) throws IOException {
    Sandbox sandbox = confinement.sandbox();
    sandbox.letRead(folder);
    Path scripts = folder.resolve("scripts");
    sandbox.letRead(scripts);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(scripts)) {
      for (Path file : files) {
        sandbox.letRead(file);
      }
    }
    List<Path> writable = List.of(temporary(), folder.resolve("user"));
    for (Path own : writable) {
      sandbox.letWrite(own);
    }
    return confinement.with(List.of(folder), writable);
  }

  Path path() {
    return folder;
  }

  Path script() {
    return script;
  }

  Path temporary() {
    return folder.resolve("tmp");
  }

  Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    // Blender (seen in 3.4.1) takes relative paths from a shell's PWD, not from its working folder.
    variables.put("PWD", folder.toString());
    for (String name : List.of("TMPDIR", "TMP", "TEMP")) {
      variables.put(name, temporary().toString());
    }
    Path user = folder.resolve("user");
    variables.put("BLENDER_USER_RESOURCES", user.toString());
    // Before 4.2 Blender knows only these.
    variables.put("BLENDER_USER_CONFIG", user.resolve("config").toString());
    variables.put("BLENDER_USER_SCRIPTS", user.resolve("scripts").toString());
    variables.put("BLENDER_USER_DATAFILES", user.resolve("datafiles").toString());
    return variables;
  }

  /** Beside {@link #environment}, where there is no other home. */
  Map<String, String> environmentIn(Confinement confinement) {
    Map<String, String> variables = new LinkedHashMap<>(environment());
    variables.put("HOME", folder.resolve("user").toString());
    variables.put("USER", "blender");
    variables.put("LOGNAME", "blender");
    if (!confinement.network()) {
      variables.put("BLENDNET_NETWORK", "none");
    }
    return variables;
  }

  /** Removes what is ours in it, and the folder itself if nothing else is there. */
  synchronized void remove() {
    try {
      for (String name : NAMES) {
        delete(folder.resolve(name));
      }
      if (Files.isDirectory(folder) && isEmpty()) {
        Files.delete(folder);
      }
    } catch (IOException e) {
      log.warn("Cannot remove the session's folder {}: {}", folder, e.toString());
    }
  }

  private boolean isEmpty() throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException problem)
              throws IOException {
            if (problem != null) {
              throw problem;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
