package io.blendnet.provider;

import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A Manager as a process of this same program on this computer, on loopback, with its own private
 * folder. It ends with {@link #close()}, and also when this process ends without it. Thread-safe.
 */
public final class LocalManager implements Closeable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String NAME = "manager";

  private final ServerProcess process;
  private final int port;

  private LocalManager(ServerProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts a Manager and waits until it listens.
   *
   * @param program the command line that runs this program
   * @param parent folder in which it gets its own
   * @param authority issues its certificate, and those of its agents
   * @param user who may use it
   * @throws ServerStartException when it does not come up; it is not left running then
   */
  public static LocalManager start(
      List<String> program,
      Path parent,
      FarmAuthority authority,
      Credentials user,
      Duration deadline)
      throws ServerStartException {
    ServerProcess process;
    try {
      process = ServerProcess.start(program, NAME, NAME, parent, authority, user, List.of());
    } catch (IOException e) {
      throw new ServerStartException(
          "Cannot start a Manager in " + parent + ": " + e.getMessage(), e);
    }
    boolean listens = false;
    try {
      int port = process.awaitPort(System.nanoTime() + deadline.toNanos());
      listens = true;
      return new LocalManager(process, port);
    } finally {
      if (!listens) {
        ServerProcess.end(List.of(process), PATIENCE.toNanos());
      }
    }
  }

  /** Host name or address, as its certificate says it. */
  public String address() {
    return ServerProcess.ADDRESS;
  }

  public int port() {
    return port;
  }

  /** Process id. */
  public long processId() {
    return process.id();
  }

  /** Why it is gone, where it has ended by itself; empty while it lives. */
  public Optional<String> failure() {
    return process.ended();
  }

  /** Ends it; returns when it is gone. */
  @Override
  public void close() {
    ServerProcess.end(List.of(process), PATIENCE.toNanos());
  }
}
