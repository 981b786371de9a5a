package io.blendnet.bench;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A line to a server on this computer that can be made to fail: whoever connects to its port is
 * connected to the server's, byte by byte, TLS and all. What a fault holds up is not lost: as on a
 * real network, where TCP sends again what was not acknowledged, it goes on its way when the fault
 * is over. Thread-safe.
 */
public final class FaultyLine implements Closeable {
  /** What may be wrong with a line. */
  public enum Fault {
    NONE,
    /** Nothing gets through, either way; nobody is told. New connections stand, and are silent. */
    CUT,
    /** What clients send does not reach the server. */
    SERVER_HEARS_NOTHING,
    /** What the server sends does not reach its clients. */
    SERVER_IS_NOT_HEARD,
    /** Connections are reset, new ones at once. */
    RESETTING,
    /** 100 KB a second and 100 ms late, each way of each connection. */
    SLOW
  }

  private enum Direction {
    TO_SERVER,
    FROM_SERVER
  }

  private static final int PIECE = 16 << 10;
  private static final long SLOW_BYTES_A_SECOND = 100_000;
  private static final long LATENESS_MS = 100;

  private final ServerSocket door;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong resetAt = new AtomicLong(Long.MAX_VALUE);
  private volatile int target;
  private volatile Fault fault = Fault.NONE;
  private volatile boolean closed;

  private FaultyLine(ServerSocket door, int target) {
    this.door = door;
    this.target = target;
  }

  /** A line on a free port of the loopback address that leads to another port there. */
  public static FaultyLine to(int port) throws IOException {
    var line = new FaultyLine(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), port);
    Thread.ofVirtual().name("line-" + port).start(line::accept);
    return line;
  }

  /** A line that leads to a port as soon as it is {@link #leadTo told} which. */
  static FaultyLine toNowhere() throws IOException {
    return to(0);
  }

  /** What clients connect to. */
  public int port() {
    return door.getLocalPort();
  }

  /** Bytes that clients have sent through, of all connections. */
  public long passed() {
    return passed.get();
  }

  /**
   * Resets all connections once, when clients have sent so many bytes more; new ones stand again at
   * once.
   */
  public void resetAfter(long bytes) {
    resetAt.set(passed.get() + bytes);
  }

  /** Whether the reset that was asked for last has come. */
  public boolean isReset() {
    return resetAt.get() == Long.MAX_VALUE;
  }

  private void count(int bytes) {
    long now = passed.addAndGet(bytes);
    long limit = resetAt.get();
    if (now >= limit && resetAt.compareAndSet(limit, Long.MAX_VALUE)) {
      connections.forEach(Connection::reset);
    }
  }

  /** Leads new connections to another port, as when the server was started anew. */
  public void leadTo(int port) {
    target = port;
  }

  /** Begins a fault, in place of the one before; {@link Fault#NONE} ends it. */
  public void suffer(Fault now) {
    lock.lock();
    try {
      fault = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (now == Fault.RESETTING) {
      connections.forEach(Connection::reset);
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = door.accept();
        var connection = new Connection(client);
        connections.add(connection);
        if (fault == Fault.RESETTING || closed) {
          connection.reset();
        } else {
          Thread.ofVirtual().name("line").start(connection::run);
        }
      } catch (IOException e) {
        // The door was closed; or a client was gone before it was let in, which is its own affair.
      }
    }
  }

  private boolean holds(Direction direction) {
    return switch (fault) {
      case NONE, RESETTING, SLOW -> false;
      case CUT -> true;
      case SERVER_HEARS_NOTHING -> direction == Direction.TO_SERVER;
      case SERVER_IS_NOT_HEARD -> direction == Direction.FROM_SERVER;
    };
  }

  /** Waits while a fault holds this direction up. */
  private void awaitPassage(Direction direction) throws InterruptedException {
    lock.lock();
    try {
      while (holds(direction) && !closed) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void beSlow(int bytes) throws InterruptedException {
    if (fault == Fault.SLOW) {
      Thread.sleep(LATENESS_MS + bytes * 1_000L / SLOW_BYTES_A_SECOND);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    door.close();
    suffer(Fault.NONE);
    connections.forEach(Connection::reset);
  }

  private final class Connection {
    private final Socket client;
    private final Socket server = new Socket();

    Connection(Socket client) {
      this.client = client;
    }

    void run() {
      try {
        awaitPassage(Direction.TO_SERVER);
        server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        Thread back = Thread.ofVirtual().start(() -> pump(server, client, Direction.FROM_SERVER));
        pump(client, server, Direction.TO_SERVER);
        back.join();
        end();
      } catch (IOException e) {
        reset();
      } catch (InterruptedException e) {
        reset();
        Thread.currentThread().interrupt();
      }
    }

    private void pump(Socket from, Socket to, Direction direction) {
      byte[] piece = new byte[PIECE];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int size = in.read(piece); size >= 0; size = in.read(piece)) {
          awaitPassage(direction);
          beSlow(size);
          out.write(piece, 0, size);
          if (direction == Direction.TO_SERVER) {
            count(size);
          }
        }
        // A farewell takes the same way as everything else.
        awaitPassage(direction);
        to.shutdownOutput();
      } catch (IOException e) {
        passOnReset(direction);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void passOnReset(Direction direction) {
      try {
        awaitPassage(direction);
        reset();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Both ends hear at once that it is over. */
    void reset() {
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException e) {
          // It is closed already.
        }
      }
      end();
    }

    private void end() {
      connections.remove(this);
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.close();
        } catch (IOException e) {
          // Nothing was left to be lost.
        }
      }
    }
  }
}
