package io.blendnet.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system of its own that is soon full: memory mounted on a folder. Mounting is for root; a
 * test that needs it fails, and says so, where it may not.
 */
public final class TinyDisk implements AutoCloseable {
  private final Path folder;

  private TinyDisk(Path folder) {
    this.folder = folder;
  }

  /**
   * Mounts a new disk.
   *
   * @param folder is created
   * @param kibibytes its size
   */
  public static TinyDisk mount(Path folder, int kibibytes) throws IOException {
    Files.createDirectories(folder);
    run(
        "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=" + kibibytes + "k,mode=700",
        "tmpfs",
        folder.toString());
    return new TinyDisk(folder);
  }

  public Path folder() {
    return folder;
  }

  /** Fills what is left, but for some bytes. */
  public Path fillUpTo(long bytesLeft) throws IOException {
    Path ballast = folder.resolve("ballast");
    long size = Math.max(0, folder.toFile().getUsableSpace() - bytesLeft);
    return Files.write(ballast, new byte[Math.toIntExact(size)]);
  }

  @Override
  public void close() throws IOException {
    // Lazily: what a failing test has left open must not keep the mount alive.
    run("umount", "--lazy", folder.toString());
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(
            "This test needs root, to mount a small disk: %s failed: %s"
                .formatted(List.of(command), output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
