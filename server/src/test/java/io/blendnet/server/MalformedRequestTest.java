package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.TaskName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no proper client sends, and what the published one does, byte by byte over TLS. */
class MalformedRequestTest {
  @TempDir static Path folder;
  private static TestingServer server;

  @BeforeAll
  static void start() throws IOException {
    server = new TestingServer(folder);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "G@T /api/v1/info HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /api/v1/info HTTP/1.0\r\n\r\n",
        "GET /api/v1/info HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET /api/v1/info HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /api/v1/info HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET /api/v1/info HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        "PUT /api/v1/task/a/config HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"
      })
  void isAnsweredWithAnEnvelopeAndNoDetails(String request) throws Exception {
    String answer = exchange(request);

    assertThat(answer).matches("(?s)HTTP/1.1 4\\d\\d .*");
    assertThat(answer).contains("application/problem+json").contains("\"success\":false");
    assertThat(answer).doesNotContain("Exception").doesNotContain("helidon");
  }

  @Test
  void aRequestLineWithoutEndIsRefused() throws Exception {
    assertThat(exchange("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ")
        .contains("\"success\":false");
  }

  @Test
  void headersWithoutEndAreRefused() throws Exception {
    assertThat(
            exchange(
                "GET /api/v1/info HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(40_000) + "\r\n\r\n"))
        .matches("(?s)HTTP/1.1 4\\d\\d .*")
        .contains("\"success\":false");
  }

  @Test
  void rawBytesOutsideAsciiInAPathAreRefused() throws Exception {
    assertThat(exchange("GET /api/v1/task/\u00e9/status HTTP/1.1\r\n" + signIn() + "\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aHeaderCannotBeSmuggledIntoAnAnswer() throws Exception {
    String answer =
        exchange("GET /api/v1/task/a%0d%0aX-Evil:%20yes/status HTTP/1.1\r\n" + signIn() + "\r\n");

    assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("X-Evil: yes");
  }

  @Test
  void aClientThatSendsAllBeforeItListensSeesTheRefusal() throws Exception {
    var task = new TaskName("old");
    server.tasks.create(task);
    server.tasks.run(task);
    int size = 30_000_000;
    try (SSLSocket socket = server.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ascii(
              "PUT /api/v1/task/old/file/a HTTP/1.1\r\n"
                  + signIn()
                  + "Content-Length: "
                  + size
                  + "\r\nX-Checksum-Sha1: "
                  + "0".repeat(40)
                  + "\r\n\r\n"));
      byte[] block = new byte[100_000];
      for (int sent = 0; sent < size; sent += block.length) {
        out.write(block);
      }
      out.write(ascii("GET /api/v1/info HTTP/1.1\r\n" + signIn() + "Connection: close\r\n\r\n"));

      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answers).startsWith("HTTP/1.1 409 ");
      assertThat(answers).contains("HTTP/1.1 200 OK");
    }
  }

  private static String signIn() {
    String pair = server.credentials.user() + ":" + server.credentials.password().reveal();
    return "Host: localhost\r\nAuthorization: Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))
        + "\r\n";
  }

  private static String exchange(String request) throws IOException {
    try (SSLSocket socket = server.connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      if (!request.contains("Authorization")) {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      }
      // The connection stays open after these; one answer fits into one read.
      byte[] answer = new byte[65_536];
      int count = socket.getInputStream().read(answer);
      return new String(answer, 0, Math.max(0, count), StandardCharsets.UTF_8);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
