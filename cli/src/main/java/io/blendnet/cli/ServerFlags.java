package io.blendnet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of both servers' commands. */
final class ServerFlags {
  private static final Duration CLOSING = Duration.ofMinutes(1);

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

  private void untilStarterIsGone() throws InterruptedException, IOException {
    if (!stopWithParent) {
      new CountDownLatch(1).await();
    }
    while (System.in.read() >= 0) {
      // Nothing is ever written; the end of the stream is the message.
    }
  }

  /**
   * Returns when the starter is gone or the server is asked to end, or never: a signal ends the
   * process by itself.
   *
   * @param asked completes when the server is asked to end
   * @return what it was asked for; empty where the starter is gone
   */
  Optional<String> untilStopped(CompletionStage<String> asked)
      throws InterruptedException, IOException {
    var stopped = new CompletableFuture<Optional<String>>();
    asked.whenComplete((reason, failure) -> {
      if (failure == null) {
        stopped.complete(Optional.of(reason));
      } else {
        stopped.completeExceptionally(failure);
      }
    });
    Thread.ofPlatform()
        .daemon()
        .name("starter")
        .start(() -> {
          try {
            untilStarterIsGone();
            stopped.complete(Optional.empty());
          } catch (IOException | InterruptedException e) {
            stopped.completeExceptionally(e);
          }
        });
    try {
      return stopped.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? cause
          : new IOException("Cannot tell whether the starter is still there", e);
    }
  }

  /**
   * Closes a server that ends by itself, and ends its machine then: also where closing takes too
   * long, since the machine costs meanwhile. A signal leaves the machine to its user.
   */
  void endMachine(ExitGuard guard, EndCommand command) throws InterruptedException {
    guard.closeWithin(CLOSING);
    if (!guard.isSignalled()) {
      command.run();
    }
  }

  /** Whether whoever started the server ends it: at once, since nobody is left to wait for it. */
  boolean endsWithParent() {
    return stopWithParent;
  }

  /**
   * Has the first SIGTERM or Ctrl-C end the process in order, which may take a while, and the
   * second one at once. A server that ends with its starter is in no need of it.
   *
   * @param atOnce ends what the first signal is ending
   */
  void hurryAtSecondSignal(Runnable atOnce) {
    if (stopWithParent) {
      return;
    }
    var signals = new AtomicInteger();
    for (String signal : List.of("TERM", "INT")) {
      var _ =
          Signals.register(
              signal,
              () -> {
                if (signals.getAndIncrement() == 0) {
                  Thread.ofPlatform()
                      .name("signal")
                      .start(() -> System.exit(ExitCode.DONE.number()));
                } else {
                  atOnce.run();
                }
              });
    }
  }

  /** Ctrl-C in a terminal goes to all of its processes; ours ends us in its own time. */
  void leaveInterruptsToParent() {
    if (stopWithParent) {
      var _ = Signals.register("INT", () -> {});
    }
  }
}
