package io.blendnet.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The folder that the pictures go to.
 *
 * @param made folders that were not there before, the innermost first
 */
record OutputFolder(Path path, List<Path> made) implements AutoCloseable {
  OutputFolder {
    made = List.copyOf(made);
  }

  /**
   * Makes the folder and sees whether it takes files, before anything is rendered.
   *
   * @param path absolute
   */
  static OutputFolder prepare(Path path) throws CommandException {
    var missing = new ArrayList<Path>();
    Path there = path;
    while (!Files.exists(there) && there.getParent() != null) {
      missing.add(there);
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      throw CommandException.environment(
          "The output folder %s cannot be made: %s is a file. Name another with --output."
              .formatted(path, there));
    }
    var folder = new OutputFolder(path, missing);
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, ".blendnet-", ".part"));
      return folder;
    } catch (IOException e) {
      folder.close();
      throw CommandException.environment(
          "Nothing can be written to the output folder %s (%s). Name another with --output."
              .formatted(path, reason(e)));
    }
  }

  private static String reason(IOException failure) {
    return failure instanceof FileSystemException system
        ? Optional.ofNullable(system.getReason()).orElse("permission denied")
        : String.valueOf(failure.getMessage());
  }

  /** What was made for pictures that never came goes again. */
  @Override
  public void close() {
    try {
      for (Path folder : made) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      // Something lies in it: the pictures.
    }
  }

  Path picture(String name) {
    return path.resolve(name);
  }

  /**
   * Where a file goes that the scene wrote beside the picture.
   *
   * @param relative with {@code /}; one that leads out of the folder is refused
   */
  Path beside(String relative) throws IOException {
    Path target = path.resolve(relative).normalize();
    if (!target.startsWith(path) || target.equals(path)) {
      throw new IOException("the scene wants a file written outside the folder: " + relative);
    }
    return target;
  }

  /** The assembled frame lies beside the picture and never in its place. */
  Path layers(String pictureName) {
    int dot = pictureName.lastIndexOf('.');
    String stem = dot > 0 ? pictureName.substring(0, dot) : pictureName;
    String name = stem + ".exr";
    return path.resolve(name.equals(pictureName) ? stem + "-layers.exr" : name);
  }
}
