package io.blendnet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Servers that several tests use, each started when first asked for: a Manager with an agent named
 * {@code one}, and an agent that nobody employs. They end with this JVM.
 */
final class RunningFarm {
  private static final CommandRoom ROOM = room();
  private static final List<RunningServer> STARTED = new ArrayList<>();

  private RunningFarm() {}

  /** The Manager. */
  static RunningServer manager() {
    return WithAgent.MANAGER;
  }

  /** The agent that works for the Manager. */
  static RunningServer agent() {
    return WithAgent.AGENT;
  }

  /** The agent that works for whoever calls it. */
  static RunningServer lonelyAgent() {
    return Lonely.AGENT;
  }

  private static final class WithAgent {
    static final RunningServer MANAGER = start("manager", "manager");
    static final RunningServer AGENT = start("agent", "agent-one");

    static {
      try {
        MANAGER.employ("one", AGENT);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("Interrupted while the farm was starting", e);
      }
    }
  }

  private static final class Lonely {
    static final RunningServer AGENT = start("agent", "agent-lonely");
  }

  private static synchronized RunningServer start(String kind, String name) {
    try {
      RunningServer server = RunningServer.startForAll(ROOM, kind, ROOM.folder().resolve(name));
      STARTED.add(server);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CommandRoom room() {
    try {
      Path folder = Files.createTempDirectory("blendnet-running-farm");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(folder)));
      return CommandRoom.in(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The test runner waits half a minute for this: all are told before any is waited for. */
  private static synchronized void end(Path folder) {
    forAll(CommandRoom.Running::terminate);
    forAll(CommandRoom.Running::awaitEnd);
    CommandScenes.Folders.delete(folder);
  }

  private interface Action {
    void on(CommandRoom.Running process) throws IOException, InterruptedException;
  }

  private static void forAll(Action action) {
    for (RunningServer server : STARTED.reversed()) {
      try {
        action.on(server.process());
      } catch (IOException e) {
        System.err.println("The " + server.kind() + " of the tests stays: " + e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
