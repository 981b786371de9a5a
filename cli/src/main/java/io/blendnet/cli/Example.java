package io.blendnet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The scene that comes with BlendNet. */
final class Example {
  private static final String SUFFIX = ".blend";

  private Example() {}

  /**
   * The scene in {@code examples/} whose file is named like its folder, such as demo/demo.blend.
   */
  static Path find() throws CommandException {
    // Set by ./blendnet; the working folder serves whoever starts the program by other means.
    Path examples = Path.of(System.getProperty("blendnet.root", "")).resolve("examples");
    try (Stream<Path> folders = Files.list(examples)) {
      return folders
          .sorted()
          .map(folder -> folder.resolve(folder.getFileName() + SUFFIX))
          .filter(Files::isRegularFile)
          .findFirst()
          .orElseThrow(() -> missing(examples))
          .toAbsolutePath();
    } catch (IOException e) {
      throw missing(examples);
    }
  }

  private static CommandException missing(Path examples) {
    return CommandException.environment(
        "There is no example scene in " + examples.toAbsolutePath() + ".");
  }
}
