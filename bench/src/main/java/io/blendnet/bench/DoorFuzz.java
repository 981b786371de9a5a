package io.blendnet.bench;

import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;

/** Whole requests, over TLS, to a Manager that runs as a process of its own. */
final class DoorFuzz implements FuzzTarget {
  /** In the names of files: nothing called so may appear. */
  private static final String MARK = "fuzzed-5d2e";

  private static final String SUM = TransferChecks.sum("x");
  private static final String PAIR = TransferChecks.sum("xy");

  private static final int PATIENCE_MILLIS = 60_000;

  private final FarmRoom room;
  private final SecurityTarget target;

  DoorFuzz(FarmRoom room, FarmProcess manager) throws IOException {
    this.room = room;
    this.target =
        new SecurityTarget(
            "Manager",
            manager,
            TrustedAuthority.load(manager.authority()).clientContext(),
            FarmProcess.USER,
            manager.password(),
            manager.started().getLast());
  }

  @Override
  public String name() {
    return "door";
  }

  @Override
  public List<byte[]> samples() {
    String signIn = "Host: localhost\r\nConnection: close\r\n";
    String sum = "X-Checksum-Sha1: 11f6ad8ec52a2984abaafd7c3b516503785c2072\r\n";
    String offer =
        "{\"blobs\":[{\"sha256\":\"%s\",\"size\":1},{\"sha256\":\"%s\",\"size\":2}]}"
            .formatted(SUM, PAIR);
    String files =
        "{\"files\":[{\"path\":\"//%1$s/a\",\"sha256\":\"%2$s\"},{\"path\":\"..\\\\%1$s\",\"sha256\":\"%2$s\"}]}"
            .formatted(MARK, SUM);
    return Stream.of(
            "GET /api/v1/status HTTP/1.1\r\n" + signIn + "\r\n",
            "PUT /api/v1/task/a/file/"
                + MARK
                + "/b.png HTTP/1.1\r\n"
                + signIn
                + sum
                + "Content-Length: 1\r\n\r\nx",
            "PUT /api/v1/task/a/file/..%2f"
                + MARK
                + " HTTP/1.1\r\n"
                + signIn
                + sum
                + "Content-Length: 1\r\n\r\nx",
            "PUT /api/v1/task/a/config HTTP/1.1\r\n"
                + signIn
                + "Content-Length: 36\r\n\r\n{\"project\":\"a.blend\",\"samples\":64  }",
            "POST /api/v1/task/a/run HTTP/1.1\r\n" + signIn + "\r\n",
            "PUT /api/v1/agent/"
                + MARK
                + "/config HTTP/1.1\r\n"
                + signIn
                + "Content-Length: 78\r\n\r\n{\"address\":\"127.0.0.1\",\"port\":1,\"auth_user\":\"a\",\"auth_password\":\"b\"           }",
            "DELETE /api/v1/agent/" + MARK + " HTTP/1.1\r\n" + signIn + "\r\n",
            "GET /api/v1/task/a/status/result/preview HTTP/1.1\r\n"
                + signIn
                + "Range: bytes=0-5\r\n\r\n",
            request("POST", "blob/missing", "", offer),
            request("PUT", "blob/" + SUM, "", "x"),
            request("PUT", "blob/" + SUM, "Content-Range: bytes 0-0/1\r\n", "x"),
            request("PUT", "blob/" + PAIR, "Content-Range: bytes 0-0/2\r\n", "x"),
            request("PUT", "blob/" + PAIR, "Content-Range: bytes 1-1/2\r\n", "y"),
            request(
                "POST",
                "blob/pack",
                "",
                TransferChecks.pack(SUM, 1, "x") + TransferChecks.pack(PAIR, 2, "xy")),
            request("PUT", "task/b/files", "", files),
            request("GET", "task/a/status/result/render", "Range: bytes=0-5,7-\r\n", ""),
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000"
                + "\u0000\u0000\u0003\u0001\u0005\u0000\u0000\u0000\u0001\u0082\u0087\u0084")
        .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
        .toList();
  }

  private static String request(String method, String path, String headers, String body) {
    return method
        + " /api/v1/"
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + headers
        + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n")
        + "\r\n"
        + body;
  }

  @Override
  public void take(byte[] bytes) throws IOException {
    try (SSLSocket socket = target.connect()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      if (startsWith(bytes, "PRI ")) {
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
      }
      socket.startHandshake();
      try {
        socket.getOutputStream().write(signedIn(bytes));
        // No more will come: half a request is no reason to wait.
        socket.shutdownOutput();
        byte[] buffer = new byte[16 * 1024];
        while (socket.getInputStream().read(buffer) >= 0) {
          // Whatever it says.
        }
      } catch (SocketTimeoutException e) {
        throw new IllegalStateException("The server does not end the connection", e);
      } catch (IOException e) {
        // Closed in the middle.
      }
    }
  }

  /**
   * With the right password behind the first line, where there is one: wrong ones would make us
   * wait.
   */
  private byte[] signedIn(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int line = text.startsWith("PRI ") ? -1 : text.indexOf("\r\n");
    return line < 0
        ? bytes
        : (text.substring(0, line + 2) + target.signIn() + text.substring(line + 2))
            .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean startsWith(byte[] bytes, String text) {
    return new String(bytes, 0, Math.min(bytes.length, text.length()), StandardCharsets.ISO_8859_1)
        .equals(text);
  }

  /** What is wrong in the end. */
  void check() throws IOException {
    if (!target.server().isAlive() || target.get("status").status() != 200) {
      throw new IllegalStateException("The Manager does not serve: " + target.server().lastWords());
    }
    String log = Files.readString(target.server().log());
    if (log.contains("\tat ")) {
      throw new IllegalStateException("There are faults in the log:\n" + log);
    }
    for (Path place : List.of(room.folder(), Path.of("/tmp"))) {
      try (Stream<Path> all = Files.walk(place, place.equals(room.folder()) ? 20 : 1)) {
        var found = all.filter(file -> file.getFileName().toString().contains(MARK)).findFirst();
        if (found.isPresent()) {
          throw new IllegalStateException("There is a file " + found.get());
        }
      }
    }
  }
}
