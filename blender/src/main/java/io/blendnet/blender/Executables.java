package io.blendnet.blender;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Looks for programs on PATH and in folders. */
final class Executables {
  private Executables() {}

  /** All of these names on PATH, in PATH's order. */
  static List<Path> onPath(List<String> names) {
    List<Path> found = new ArrayList<>();
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (!folder.isEmpty()) {
        found.addAll(inFolder(folder, names));
      }
    }
    return found.stream().distinct().toList();
  }

  private static List<Path> inFolder(String folder, List<String> names) {
    try {
      Path base = Path.of(folder).toAbsolutePath();
      return names.stream().map(base::resolve).filter(Executables::isExecutable).toList();
    } catch (InvalidPathException e) {
      return List.of();
    }
  }

  static boolean isExecutable(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }

  /**
   * Files at {@code tail} below those subfolders of a folder whose name fits the glob, the highest
   * name first: {@code blender-4.5.3} before {@code blender-3.4.1}.
   */
  static List<Path> below(Path folder, String glob, String tail) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> matches = Files.newDirectoryStream(folder, glob)) {
      matches.forEach(match -> found.add(match.resolve(tail)));
    } catch (IOException e) {
      return List.of(); // a folder that we may not read holds no Blender for us
    }
    return found.stream()
        .filter(Executables::isExecutable)
        .sorted(Comparator.comparing((Path path) -> path.toString()).reversed())
        .toList();
  }
}
