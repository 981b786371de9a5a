package io.blendnet.bench;

import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;

/**
 * Many hostile clients, each of which opens another connection when its own is closed. In a process
 * of their own, at the lowest priority: elsewhere they would not take the Manager's processors.
 * Thread-safe.
 */
final class HostileCrowd implements AutoCloseable {
  /** Of each kind that sends as fast as it can. */
  private static final int FLOODERS = 2;

  private final int port;
  private final SSLContext tls;
  private final long pauseNanos;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong nextOpening = new AtomicLong(System.nanoTime());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean over;

  /**
   * @param opensPerSecond how many connections are opened a second at most, all in all
   */
  private HostileCrowd(int port, SSLContext tls, int opensPerSecond) {
    this.port = port;
    this.tls = tls;
    this.pauseNanos = 1_000_000_000L / opensPerSecond;
  }

  /**
   * Attacks until its standard input ends, and then prints how many connections it opened, and how
   * many stand.
   *
   * @param arguments port, file of the authority, clients, connections to open a second
   */
  public static void main(String[] arguments) throws Exception {
    SSLContext tls = TrustedAuthority.load(Path.of(arguments[1])).clientContext();
    try (var crowd =
        new HostileCrowd(Integer.parseInt(arguments[0]), tls, Integer.parseInt(arguments[3]))) {
      crowd.begin(Integer.parseInt(arguments[2]));
      var _ = System.in.readAllBytes();
      System.out.println(crowd.opened() + " " + crowd.standing());
    }
    System.exit(0);
  }

  /** Begins with so many clients, of all kinds. */
  private void begin(int count) {
    List<HostileKind> patient =
        Arrays.stream(HostileKind.values()).filter(kind -> !kind.isFlood()).toList();
    for (HostileKind kind : HostileKind.values()) {
      for (int i = 0; kind.isFlood() && i < FLOODERS; i++) {
        threads.execute(() -> live(kind));
      }
    }
    for (int i = 0; i < count; i++) {
      HostileKind kind = patient.get(i % patient.size());
      threads.execute(() -> live(kind));
    }
  }

  /** Connections that stand now, as far as this side knows. */
  private int standing() {
    return open.size();
  }

  /** Connections so far. */
  private long opened() {
    return opened.get();
  }

  private void live(HostileKind kind) {
    while (!over) {
      awaitTurn();
      if (over) {
        return;
      }
      try (Socket socket = connect(kind)) {
        open.add(socket);
        try {
          kind.attack(socket);
        } finally {
          open.remove(socket);
        }
      } catch (IOException e) {
        // Closed by the server: again.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** One after the other, and none in haste because others were late. */
  private void awaitTurn() {
    long now = System.nanoTime();
    long due = nextOpening.updateAndGet(next -> Math.max(next, now - pauseNanos) + pauseNanos);
    while (due - System.nanoTime() > 0 && !over) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private Socket connect(HostileKind kind) throws IOException {
    var plain = new Socket();
    try {
      // Not the address that others come from.
      plain.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0));
      plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 30_000);
      opened.incrementAndGet();
      return kind.isOverTls()
          ? tls.getSocketFactory().createSocket(plain, "localhost", port, true)
          : plain;
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  @Override
  public void close() {
    over = true;
    for (Socket socket : open) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is gone.
      }
    }
    threads.shutdownNow();
    threads.close();
  }
}
