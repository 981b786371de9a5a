package io.blendnet.bench;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLSocket;

/** What a hostile client does with its connection until it is closed. */
enum HostileKind {
  SAYS_NOTHING(false) {
    @Override
    void attack(Socket socket) throws IOException {
      untilClosed(socket);
    }
  },
  BEGINS_TLS_A_BYTE_A_SECOND(false) {
    @Override
    void attack(Socket socket) throws IOException, InterruptedException {
      byte[] greeting = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
      slowly(socket.getOutputStream(), greeting);
    }
  },
  SAYS_NOTHING_OVER_TLS(true) {
    @Override
    void attack(Socket socket) throws IOException {
      ((SSLSocket) socket).startHandshake();
      untilClosed(socket);
    }
  },
  SENDS_A_BYTE_A_SECOND(true) {
    @Override
    void attack(Socket socket) throws IOException, InterruptedException {
      slowly(socket.getOutputStream(), ascii("GET /api/v1/status HTTP/1.1\r\nHost: a\r\n"));
    }
  },
  SENDS_ENDLESS_HEADERS(true) {
    @Override
    void attack(Socket socket) throws IOException, InterruptedException {
      socket.getOutputStream().write(ascii("GET /api/v1/status HTTP/1.1\r\n"));
      byte[] header = ascii("X-Header: " + "a".repeat(1_000) + "\r\n");
      while (true) {
        socket.getOutputStream().write(header);
        Thread.sleep(10);
      }
    }
  },
  SENDS_AN_ENDLESS_BODY(true) {
    @Override
    void attack(Socket socket) throws IOException, InterruptedException {
      socket
          .getOutputStream()
          .write(
              ascii(
                  "PUT /api/v1/task/a/file/a HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n"));
      byte[] block = new byte[16 * 1024];
      while (true) {
        socket.getOutputStream().write(block);
        Thread.sleep(50);
      }
    }
  },
  GUESSES_PASSWORDS(true) {
    @Override
    void attack(Socket socket) throws IOException {
      String guess = "guess " + ThreadLocalRandom.current().nextLong();
      socket
          .getOutputStream()
          .write(
              ascii(
                  "GET /api/v1/status HTTP/1.1\r\nHost: a\r\n"
                      + SecurityTarget.authorization(FarmProcess.USER, guess)
                      + "\r\n"));
      byte[] answer = new byte[1_024];
      var _ = socket.getInputStream().read(answer);
    }
  },
  RESETS_STREAMS(true) {
    @Override
    void attack(Socket socket) throws IOException {
      DataOutputStream out = http2(socket);
      for (int stream = 1; ; stream += 2) {
        // :method GET, :scheme https, :path /, by their numbers (RFC 7541).
        frame(
            out, HEADERS, END_HEADERS, stream, new byte[] {(byte) 0x82, (byte) 0x87, (byte) 0x84});
        frame(out, RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
      }
    }
  },
  CONTINUES_HEADERS_WITHOUT_END(true) {
    @Override
    void attack(Socket socket) throws IOException {
      DataOutputStream out = http2(socket);
      frame(out, HEADERS, 0, 1, new byte[] {(byte) 0x82});
      while (true) {
        frame(out, CONTINUATION, 0, 1, new byte[0]);
      }
    }
  },
  FLOODS_WITH_SETTINGS(true) {
    @Override
    void attack(Socket socket) throws IOException {
      DataOutputStream out = http2(socket);
      while (true) {
        frame(out, SETTINGS, 0, 0, new byte[] {0, 1, 0, 0, 16, 0});
      }
    }
  },
  FLOODS_WITH_PINGS(true) {
    @Override
    void attack(Socket socket) throws IOException {
      DataOutputStream out = http2(socket);
      while (true) {
        frame(out, PING, 0, 0, new byte[8]);
      }
    }
  };

  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;

  private final boolean overTls;

  HostileKind(boolean overTls) {
    this.overTls = overTls;
  }

  boolean isOverTls() {
    return overTls;
  }

  /** Whether it sends as fast as it can: a few of these are as bad as thousands. */
  boolean isFlood() {
    return switch (this) {
      case RESETS_STREAMS, CONTINUES_HEADERS_WITHOUT_END, FLOODS_WITH_SETTINGS, FLOODS_WITH_PINGS ->
          true;
      case SAYS_NOTHING,
          BEGINS_TLS_A_BYTE_A_SECOND,
          SAYS_NOTHING_OVER_TLS,
          SENDS_A_BYTE_A_SECOND,
          SENDS_ENDLESS_HEADERS,
          SENDS_AN_ENDLESS_BODY,
          GUESSES_PASSWORDS ->
          false;
    };
  }

  /**
   * Goes on until the connection is closed.
   *
   * @throws IOException it was closed, as it should be
   */
  abstract void attack(Socket socket) throws IOException, InterruptedException;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void untilClosed(Socket socket) throws IOException {
    while (socket.getInputStream().read() >= 0) {
      // Whatever it says.
    }
  }

  private static void slowly(OutputStream out, byte[] bytes)
      throws IOException, InterruptedException {
    while (true) {
      for (byte one : bytes) {
        out.write(one);
        out.flush();
        Thread.sleep(1_000);
      }
    }
  }

  private static DataOutputStream http2(Socket socket) throws IOException {
    var tls = (SSLSocket) socket;
    var parameters = tls.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    var out = new DataOutputStream(new java.io.BufferedOutputStream(tls.getOutputStream(), 8_192));
    out.write(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    frame(out, SETTINGS, 0, 0, new byte[0]);
    out.flush();
    return out;
  }

  private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] content)
      throws IOException {
    out.writeByte(0);
    out.writeShort(content.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(content);
  }
}
