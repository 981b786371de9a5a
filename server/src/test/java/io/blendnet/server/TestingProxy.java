package io.blendnet.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on to a server, and breaks as many of them as it is told to. */
final class TestingProxy implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0);
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger toBreak;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong sent = new AtomicLong();
  private final int target;
  private final long afterBytes;
  private final long afterAnswers;

  /**
   * A proxy on loopback.
   *
   * @param breaks how many of the first connections are broken
   * @param afterBytes bytes from the client that a broken connection passes on before
   */
  TestingProxy(int target, int breaks, long afterBytes) throws IOException {
    this(target, breaks, afterBytes, Long.MAX_VALUE);
  }

  /**
   * A proxy on loopback.
   *
   * @param afterAnswers bytes from the server that a broken connection passes on before
   */
  TestingProxy(int target, int breaks, long afterBytes, long afterAnswers) throws IOException {
    this.target = target;
    this.toBreak = new AtomicInteger(breaks);
    this.afterBytes = afterBytes;
    this.afterAnswers = afterAnswers;
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  /** Bytes of clients that were passed on, of all connections. */
  long sent() {
    return sent.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        connections.incrementAndGet();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(server);
        boolean breaks = toBreak.getAndDecrement() > 0;
        long limit = breaks ? afterBytes : Long.MAX_VALUE;
        long answerLimit = breaks ? afterAnswers : Long.MAX_VALUE;
        Thread.startVirtualThread(() -> pass(client, server, limit, sent));
        Thread.startVirtualThread(() -> pass(server, client, answerLimit, new AtomicLong()));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private static void pass(Socket from, Socket to, long limit, AtomicLong passed) {
    byte[] buffer = new byte[16_384];
    long left = limit;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      while (left > 0) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          return;
        }
        out.write(buffer, 0, count);
        left -= count;
        passed.addAndGet(count);
      }
      from.setSoLinger(true, 0);
    } catch (IOException e) {
      // One end is gone; the other goes with it.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
