package io.blendnet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** The scenes of {@code command_scenes.py}, made once by the Blender of this machine. */
final class CommandScenes {
  private static final CommandScenes MADE = make();

  private final Path folder;

  private CommandScenes(Path folder) {
    this.folder = folder;
  }

  /** A project folder of its own, with the scene and its textures in it. */
  static Path copyOf(String scene, Path project) throws IOException {
    Path blend = project.resolve(scene + ".blend");
    Files.createDirectories(project.resolve("textures"));
    Files.copy(MADE.folder.resolve(scene + ".blend"), blend);
    Files.copy(MADE.folder.resolve("textures/wall.png"), project.resolve("textures/wall.png"));
    return blend;
  }

  /** The same file, as if a Blender 9.9 had saved it. */
  static Path savedByNewerBlender(Path blend) throws IOException {
    try (var file = FileChannel.open(blend, StandardOpenOption.WRITE)) {
      // 'BLENDER-v304': the version stands behind nine letters.
      file.write(ByteBuffer.wrap("909".getBytes(StandardCharsets.US_ASCII)), 9);
    }
    return blend;
  }

  private static CommandScenes make() {
    try {
      Path folder = Files.createTempDirectory("blendnet-command-scenes");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Folders.delete(folder)));
      Path log = folder.resolve("blender.log");
      Process blender =
          new ProcessBuilder(
                  "blender",
                  "-b",
                  "--factory-startup",
                  "-noaudio",
                  "--python-exit-code",
                  "42",
                  "-P",
                  Path.of("src/test/python/command_scenes.py").toAbsolutePath().toString(),
                  "--",
                  folder.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (blender.waitFor() != 0) {
        throw new AssertionError("Blender made no scenes:\n" + Files.readString(log));
      }
      return new CommandScenes(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("Interrupted while the scenes were made", e);
    }
  }

  /** Trees of files. */
  static final class Folders {
    private Folders() {}

    static void delete(Path root) {
      try (Stream<Path> paths = Files.walk(root)) {
        for (Path path : paths.sorted((one, other) -> other.compareTo(one)).toList()) {
          Files.delete(path);
        }
      } catch (IOException e) {
        System.err.println(root + " stays: " + e);
      }
    }
  }
}
