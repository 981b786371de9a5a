package io.blendnet.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server that is looked at, byte by byte over TLS.
 *
 * @param name {@code Manager} or {@code Agent}
 * @param tls trusts the server's authority
 * @param process its number
 */
record SecurityTarget(
    String name, FarmProcess server, SSLContext tls, String user, String password, long process) {
  /** A guard against hanging, far above what an answer takes. */
  private static final int PATIENCE_MILLIS = 15_000;

  int port() {
    return server.port();
  }

  Path folder() {
    return server.folder();
  }

  /** Where it and the others of the farm have their folders. */
  Path room() {
    return server.room();
  }

  boolean isManager() {
    return name.equals("Manager");
  }

  SSLSocket connect() throws IOException {
    var socket =
        (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /** The header that signs in. */
  String signIn() {
    return authorization(user, password);
  }

  static String authorization(String user, String password) {
    String pair = user + ":" + password;
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))
        + "\r\n";
  }

  /** A request of the owner's to a path under {@code /api/v1/}. */
  Answer call(String method, String path, String headers, String body) throws IOException {
    int length = body.getBytes(StandardCharsets.ISO_8859_1).length;
    String announced =
        length > 0 || method.equals("PUT") ? "Content-Length: " + length + "\r\n" : "";
    return send(
        method
            + " /api/v1/"
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + signIn()
            + headers
            + announced
            + "\r\n"
            + body);
  }

  Answer get(String path) throws IOException {
    return call("GET", path, "", "");
  }

  /** Sends bytes as they are, one for each character, and takes what comes until the end. */
  Answer send(String bytes) throws IOException {
    try (SSLSocket socket = connect()) {
      try {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      } catch (IOException e) {
        // Refused before all of it was sent.
      }
      return Answer.read(socket.getInputStream());
    }
  }

  /**
   * What came back.
   *
   * @param text all of it; empty where the server said nothing
   */
  record Answer(String text) {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");

    static Answer read(InputStream in) {
      var all = new ByteArrayOutputStream();
      byte[] buffer = new byte[16 * 1024];
      try {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          all.write(buffer, 0, count);
        }
      } catch (SocketTimeoutException e) {
        return new Answer("(no end of the answer) " + all.toString(StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        // A connection that was reset: what came before counts.
      }
      return new Answer(all.toString(StandardCharsets.ISO_8859_1));
    }

    /** 0 where there is none. */
    int status() {
      Matcher matcher = STATUS.matcher(text);
      return matcher.lookingAt() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    boolean isRefusal() {
      return status() >= 400 && status() < 500;
    }

    /** Without a word, as nonsense may be, or with a refusal. */
    boolean isClosedOrRefusal() {
      return text.isEmpty() || isRefusal();
    }

    String head() {
      int end = text.indexOf("\r\n\r\n");
      return end < 0 ? text : text.substring(0, end);
    }

    /** How many answers there are. */
    long answers() {
      return STATUS.matcher(text).results().count();
    }

    @Override
    public String toString() {
      String line = text.lines().findFirst().orElse("nothing");
      return "'" + line.substring(0, Math.min(100, line.length())) + "'";
    }
  }
}
