package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A disk of a chosen size, in memory; root's right alone. */
record TestingDisk(Path folder) implements AutoCloseable {
  /** Mounts one; further options as mount(8) knows them, such as {@code ro}. */
  static TestingDisk mount(Path folder, String size, String... options) throws IOException {
    Files.createDirectories(folder);
    String all = "size=" + size + (options.length == 0 ? "" : "," + String.join(",", options));
    run(List.of("mount", "-t", "tmpfs", "-o", all, "tmpfs", folder.toString()));
    return new TestingDisk(folder);
  }

  /** Lazily: a process that just ended may still hold a file for a moment. */
  @Override
  public void close() throws IOException {
    run(List.of("umount", "--lazy", folder.toString()));
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue())
        .as("%s: %s", String.join(" ", command), said)
        .isZero();
  }
}
