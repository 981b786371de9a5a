package io.blendnet.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that the pictures go to. */
record OutputFolder(Path path) {

  /** Makes the folder and sees whether it takes files, before anything is rendered. */
  static OutputFolder prepare(Path path) throws CommandException {
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, ".blendnet-", ".part"));
      return new OutputFolder(path);
    } catch (FileAlreadyExistsException e) {
      throw CommandException.environment(
          "The output folder %s cannot be made: %s is a file.".formatted(path, e.getFile()));
    } catch (IOException e) {
      throw CommandException.environment(
          "Nothing can be written to the output folder %s (%s). Name another with --output."
              .formatted(path, e));
    }
  }

  Path picture(String name) {
    return path.resolve(name);
  }

  /** The assembled frame lies beside the picture and never in its place. */
  Path layers(String pictureName) {
    int dot = pictureName.lastIndexOf('.');
    String stem = dot > 0 ? pictureName.substring(0, dot) : pictureName;
    String name = stem + ".exr";
    return path.resolve(name.equals(pictureName) ? stem + "-layers.exr" : name);
  }
}
