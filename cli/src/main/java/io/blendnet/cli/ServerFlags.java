package io.blendnet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jline.utils.Signals;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of both servers' commands. */
final class ServerFlags {
  @Mixin private ConfigurationFlags place = new ConfigurationFlags();

  @Option(
      names = "--stop-with-parent",
      description = "End when standard input closes, as it does when our starter is gone.")
  private boolean stopWithParent;

  Path folder() {
    return place.folder();
  }

  SettingsFile configuration(String name, ConfigurationFlags.Reader reader, SettingsFile none)
      throws SettingsException {
    return place.configuration(name, reader, none);
  }

  void listening(ServerSettings settings, int port) throws IOException {
    if (settings.portFile().isPresent()) {
      Path file = settings.portFile().get();
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      PortFile.write(file, port);
    }
  }

  /** Returns when the starter is gone, or never: a signal ends the process by itself. */
  void untilStopped() throws InterruptedException, IOException {
    if (!stopWithParent) {
      new CountDownLatch(1).await();
    }
    while (System.in.read() >= 0) {
      // Nothing is ever written; the end of the stream is the message.
    }
  }

  /** Ctrl-C in a terminal goes to all of its processes; ours ends us in its own time. */
  void leaveInterruptsToParent() {
    if (stopWithParent) {
      var _ = Signals.register("INT", () -> {});
    }
  }
}
