package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.blendnet.bench.FaultyLine;
import io.blendnet.bench.FaultyLine.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The line that other tests cut, before a server that sends each byte back. */
class FaultyLineTest {
  private static final int A_WHILE_MS = 150;

  private ServerSocket server;
  private FaultyLine line;
  private final AtomicInteger heard = new AtomicInteger();

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    line = FaultyLine.to(server.getLocalPort());
    Thread.ofVirtual().start(this::echo);
  }

  @AfterEach
  void close() throws IOException {
    line.close();
    server.close();
  }

  private void echo() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        for (int one = socket.getInputStream().read();
            one >= 0;
            one = socket.getInputStream().read()) {
          heard.incrementAndGet();
          socket.getOutputStream().write(one);
        }
      } catch (IOException e) {
        // The next client finds it open again.
      }
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), line.port());
    socket.setSoTimeout(A_WHILE_MS);
    return socket;
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT", "SERVER_HEARS_NOTHING", "SERVER_IS_NOT_HEARD"})
  void whatIsHeldUpArrivesWhenTheFaultIsOver(Fault fault) throws Exception {
    try (Socket client = connect()) {
      client.getOutputStream().write(1);
      assertThat(client.getInputStream().read()).isEqualTo(1);

      line.suffer(fault);
      client.getOutputStream().write(2);
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      if (fault == Fault.SERVER_IS_NOT_HEARD) {
        await().until(() -> heard.get() == 2);
      } else {
        assertThat(heard.get()).isEqualTo(1);
      }

      line.suffer(Fault.NONE);
      client.setSoTimeout(0);
      assertThat(client.getInputStream().read()).isEqualTo(2);
    }
  }

  @Test
  void aConnectionThatBeginsWhileTheLineIsCutIsServedAfterwards() throws Exception {
    line.suffer(Fault.CUT);
    try (Socket client = connect()) {
      client.getOutputStream().write(3);
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);

      line.suffer(Fault.NONE);
      client.setSoTimeout(0);
      assertThat(client.getInputStream().read()).isEqualTo(3);
    }
  }

  @Test
  void aResettingLineEndsConnectionsOldAndNew() throws Exception {
    try (Socket old = connect()) {
      old.getOutputStream().write(4);
      assertThat(old.getInputStream().read()).isEqualTo(4);

      line.suffer(Fault.RESETTING);
      old.setSoTimeout(0);
      assertThatThrownBy(() -> old.getInputStream().read()).isInstanceOf(SocketException.class);
      try (Socket fresh = connect()) {
        fresh.setSoTimeout(0);
        assertThatThrownBy(() -> fresh.getInputStream().read()).isInstanceOf(SocketException.class);
      }
    }
  }

  @Test
  void aLineMayLeadToAnotherServer() throws Exception {
    try (var other = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      line.leadTo(other.getLocalPort());
      try (Socket client = connect();
          Socket there = other.accept()) {
        client.getOutputStream().write(5);
        assertThat(there.getInputStream().read()).isEqualTo(5);
      }
    }
  }
}
