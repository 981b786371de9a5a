package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.BlobOffers;
import io.blendnet.protocol.BlobPack;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TaskFile;
import io.blendnet.protocol.TaskFiles;
import io.blendnet.protocol.WireJson;
import io.blendnet.server.Curl.CurlAnswer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Files by content, over TLS, as any client may send them. */
class BlobEndpointsTest {
  private static final String HTTP1 = "--http1.1";
  private static final String HTTP2 = "--http2";
  private static final int LARGE = 6_000_000;

  @TempDir static Path folder;
  private static TestingBlobs blobs;
  private static TestingServer server;
  private static Curl curl;
  private static int names;

  @BeforeAll
  static void start() throws IOException {
    blobs = new TestingBlobs(folder.resolve("blobs"));
    server = new TestingServer(folder, new BlobEndpoints(blobs));
    curl = server.curl();
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    blobs.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aContentIsMissingUntilItIsSent(String version) throws Exception {
    Path file = randomFile(LARGE);
    assertThat(received(file)).isZero();

    var answer = put(file, version);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode data = answer.json().path("data");
    assertThat(data.path("sha256").asString()).isEqualTo(id(file).sha256());
    assertThat(data.path("size").asLong()).isEqualTo(LARGE);
    assertThat(missing(file).size()).isZero();
    assertThat(Files.mismatch(blobs.store.file(id(file)), file)).isEqualTo(-1);
    assertThat(put(file, version).status()).as("a second time").isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void anUploadWhoseConnectionBreaksGoesOnWhereItStopped(String version) throws Exception {
    Path file = randomFile(LARGE);
    try (var proxy = new TestingProxy(server.server.port(), 1, 2_500_000)) {
      var through =
          new Curl(
              new ServerAddress("localhost", proxy.port()),
              folder.resolve("ca/ca.crt"),
              server.credentials);
      var broken = through.call("blob/" + id(file), version, "-T", file.toString());
      assertThat(broken.exit()).isNotZero();
    }
    assertThat(blobs.store.find(id(file))).isEmpty();

    // The server may still be waiting for the rest.
    long received = received(file);
    CurlAnswer answer = putRest(file, received, version);
    while (answer.status() == 409) {
      received = answer.json().path("data").path("received").asLong();
      answer = putRest(file, received, version);
    }

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(received).isBetween(2_000_000L, 2_500_000L);
    assertThat(Files.mismatch(blobs.store.file(id(file)), file)).isEqualTo(-1);
  }

  @Test
  void anUploadThatDoesNotGoOnWhereItStoppedIsToldWhereTo() throws Exception {
    Path file = randomFile(LARGE);

    var answer = putRest(file, 4_000_000, HTTP1);

    assertRefused(answer, ErrorCode.TRANSFER_CONFLICT);
    assertThat(answer.json().path("data").path("sha256").asString()).isEqualTo(id(file).sha256());
    assertThat(answer.json().path("data").path("received").asLong()).isZero();
  }

  @Test
  void aSecondUploadOfTheSameContentIsRefusedAtOnce() throws Exception {
    Path file = randomFile(LARGE);
    byte[] bytes = Files.readAllBytes(file);
    try (SSLSocket first = server.connect()) {
      first.getOutputStream().write(head("PUT", "blob/" + id(file), LARGE));
      first.getOutputStream().write(bytes, 0, 2_000_000);
      while (received(file) == 0) {
        Thread.onSpinWait();
      }

      assertRefused(put(file, HTTP2), ErrorCode.TRANSFER_CONFLICT);

      first.getOutputStream().write(bytes, 2_000_000, LARGE - 2_000_000);
      assertThat(answer(first)).startsWith("HTTP/1.1 200 ");
    }
    assertThat(Files.mismatch(blobs.store.file(id(file)), file)).isEqualTo(-1);
  }

  @Test
  void aContentThatIsNotWhatItsNameSaysIsRefusedWhole() throws Exception {
    Path file = randomFile(LARGE);
    var other = new BlobId("ab".repeat(32));

    var answer = curl.call("blob/" + other, "-T", file.toString());

    assertRefused(answer, ErrorCode.CHECKSUM_MISMATCH);
    assertThat(blobs.store.find(other)).isEmpty();
    assertThat(blobs.store.received(other, LARGE)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 0-9/20",
        "bytes 10-9/20",
        "bytes 10-19/15",
        "bytes 10-20/21",
        "bytes 5-14/*",
        "bytes -10/20",
        "bytes 10-19/99999999999999999999",
        "lines 10-19/20",
        "10-19/20"
      })
  void aPartThatMakesNoSenseIsRefused(String range) throws Exception {
    Path file = randomFile(10);

    var answer =
        curl.call("blob/" + id(file), "-T", file.toString(), "-H", "Content-Range: " + range);

    assertRefused(answer, ErrorCode.INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "..%2f..%2fetc%2fpasswd", "AB", "abcdef"})
  void aNameThatIsNoSumIsRefused(String name) throws Exception {
    Path file = randomFile(10);

    assertRefused(curl.call("blob/" + name, "-T", file.toString()), ErrorCode.INVALID_REQUEST);
    assertRefused(
        curl.call("blob/missing", "-d", "{\"blobs\":[{\"sha256\":\"" + name + "\",\"size\":1}]}"),
        ErrorCode.INVALID_FIELD);
  }

  @Test
  void aContentNeedsItsLength() throws Exception {
    Path file = randomFile(10);

    assertRefused(
        curl.call(
            "blob/" + id(file), "-T", file.toString(), HTTP1, "-H", "Transfer-Encoding: chunked"),
        ErrorCode.LENGTH_REQUIRED);
  }

  @Test
  void tenThousandAreOfferedAtOnceAndNoMore() throws Exception {
    assertThat(offer(BlobOffers.LIMIT).json().path("data").path("missing").size())
        .isEqualTo(BlobOffers.LIMIT);
    assertRefused(offer(BlobOffers.LIMIT + 1), ErrorCode.INVALID_FIELD);
    Path large = folder.resolve("large.json");
    Files.writeString(large, " ".repeat(BlobOffers.BODY_LIMIT + 1));
    assertRefused(curl.call("blob/missing", "--data-binary", "@" + large), ErrorCode.TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void manySmallContentsComeInOnePack(String version) throws Exception {
    List<byte[]> contents =
        IntStream.range(0, 500).mapToObj(i -> random(i % 7 == 0 ? 0 : 1_000 + i)).toList();
    var pack = new ByteArrayOutputStream();
    for (byte[] content : contents) {
      pack.write(entry(idOf(content), content));
    }

    var answer = pack(pack.toByteArray(), version);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().path("data").path("stored").asInt()).isEqualTo(500);
    for (byte[] content : contents) {
      assertThat(blobs.store.file(idOf(content))).hasBinaryContent(content);
    }
  }

  @Test
  void aWrongEntryIsRefusedAndThoseBeforeItStay() throws Exception {
    byte[] good = random(1_000);
    byte[] behind = random(1_000);
    byte[] large = random(BlobPack.ENTRY_LIMIT + 1);
    byte[] tooLong = entry(idOf(large), large);
    byte[] negative = entry(idOf(behind), behind);
    ByteBuffer.wrap(negative).putLong(32, -1);
    byte[] beyond = entry(idOf(behind), behind);
    ByteBuffer.wrap(beyond).putLong(32, 1_001);
    for (byte[] wrong :
        List.of(
            entry(idOf(good), behind), tooLong, negative, beyond, new byte[39], new byte[] {1})) {
      var pack = new ByteArrayOutputStream();
      byte[] first = random(100);
      pack.write(entry(idOf(first), first));
      pack.write(wrong);

      var answer = pack(pack.toByteArray(), HTTP2);

      assertRefused(answer, ErrorCode.INVALID_FIELD);
      assertThat(answer.json().path("message").asString()).contains("Entry 2");
      assertThat(blobs.store.file(idOf(first))).hasBinaryContent(first);
    }
    assertThat(blobs.store.find(idOf(behind))).isEmpty();
    assertThat(blobs.store.find(idOf(large))).isEmpty();
  }

  @Test
  void ofAPackWhoseConnectionBreaksWhatCameIsKept() throws Exception {
    byte[] first = random(1_000);
    byte[] second = random(1_000);
    try (SSLSocket socket = server.connect()) {
      socket.getOutputStream().write(head("POST", "blob/pack", 2_080));
      socket.getOutputStream().write(entry(idOf(first), first));
      socket.getOutputStream().write(entry(idOf(second), second), 0, 500);
      // Closed wholly, it would take with it what the server has not read yet.
      socket.shutdownOutput();
      answer(socket);
    }
    assertThat(blobs.store.file(idOf(first))).hasBinaryContent(first);
    assertThat(blobs.store.find(idOf(second))).isEmpty();
  }

  @Test
  void aPackThatIsTooLargeIsRefusedUnread() throws Exception {
    try (SSLSocket socket = server.connect()) {
      socket.getOutputStream().write(head("POST", "blob/pack", BlobPack.LIMIT + 1));

      assertThat(answer(socket)).startsWith("HTTP/1.1 413 ");
    }
  }

  @Test
  void storedContentsBecomeFilesOfATask() throws Exception {
    byte[] one = random(1_000);
    Path file = Files.write(folder.resolve("one"), one);
    assertThat(put(file, HTTP2).status()).isEqualTo(200);

    var answer =
        putFiles(
            "attached",
            new TaskFile("tex\\a.png", idOf(one).sha256()),
            new TaskFile("/abs//b.png", idOf(one).sha256()));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(server.tasks.attached(new TaskName("attached")))
        .containsOnlyKeys("tex/a.png", "/abs/b.png")
        .containsValue(idOf(one).sha256());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        ".",
        "..",
        "../x",
        "a/../../x",
        "a\\\\..\\\\..\\\\x",
        "C:\\\\..\\\\x",
        "//../x",
        "/..",
        "a/..",
        "a\\u0000b",
        "a\\nb",
        "a\\u007fb"
      })
  void pathsThatOneFileMustNotHaveManyMustNotHaveEither(String path) throws Exception {
    String body =
        "{\"files\":[{\"path\":\"fine\",\"sha256\":\"%1$s\"},{\"path\":\"%2$s\",\"sha256\":\"%1$s\"}]}"
            .formatted("ab".repeat(32), path);

    var answer = curl.call("task/refused/files", "-X", "PUT", "-d", body);

    assertRefused(answer, ErrorCode.INVALID_FIELD);
    assertThat(curl.call("task/refused").status()).isEqualTo(404);
  }

  @Test
  void aPathThatIsTooLongIsRefused() throws Exception {
    for (String path : List.of("a".repeat(256), "a/".repeat(2_100) + "b")) {
      String body =
          "{\"files\":[{\"path\":\"%s\",\"sha256\":\"%s\"}]}".formatted(path, "ab".repeat(32));
      assertRefused(
          curl.call("task/refused/files", "-X", "PUT", "-d", body), ErrorCode.INVALID_FIELD);
    }
  }

  private static void assertRefused(CurlAnswer answer, ErrorCode code) throws Exception {
    assertThat(answer.status()).as(answer.text()).isEqualTo(code.status());
    assertThat(answer.json().path("type").asString()).isEqualTo(code.type());
  }

  private static CurlAnswer put(Path file, String version) throws Exception {
    return curl.call("blob/" + id(file), version, "-T", file.toString());
  }

  private static CurlAnswer putRest(Path file, long first, String version) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Path rest = folder.resolve("rest");
    Files.write(rest, Arrays.copyOfRange(bytes, (int) first, bytes.length));
    return curl.call(
        "blob/" + id(file),
        version,
        "-T",
        rest.toString(),
        "-H",
        "Content-Range: bytes %d-%d/%d".formatted(first, bytes.length - 1, bytes.length));
  }

  private static CurlAnswer pack(byte[] pack, String version) throws Exception {
    Path file = Files.write(folder.resolve("pack"), pack);
    return curl.call("blob/pack", version, "-X", "POST", "-T", file.toString());
  }

  private static CurlAnswer putFiles(String task, TaskFile... files) throws Exception {
    String body = new String(WireJson.write(new TaskFiles(List.of(files))), StandardCharsets.UTF_8);
    return curl.call("task/" + task + "/files", "-X", "PUT", "-d", body);
  }

  private static byte[] entry(BlobId id, byte[] content) {
    return ByteBuffer.allocate(BlobPack.ENTRY_HEADER + content.length)
        .put(HexFormat.of().parseHex(id.sha256()))
        .putLong(content.length)
        .put(content)
        .array();
  }

  private static CurlAnswer offer(int count) throws Exception {
    String offers =
        IntStream.range(0, count)
            .mapToObj(i -> "{\"sha256\":\"%064x\",\"size\":%d}".formatted(i, i))
            .collect(Collectors.joining(",", "{\"blobs\":[", "]}"));
    return missing(offers.getBytes(StandardCharsets.US_ASCII));
  }

  private static JsonNode missing(Path file) throws Exception {
    var answer =
        missing(WireJson.write(new BlobOffers(List.of(new BlobOffer(id(file).sha256(), LARGE)))));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json().path("data").path("missing");
  }

  private static CurlAnswer missing(byte[] offers) throws Exception {
    Path body = Files.write(folder.resolve("offers"), offers);
    return curl.call("blob/missing", "--data-binary", "@" + body);
  }

  private static long received(Path file) throws Exception {
    return missing(file).get(0).path("received").asLong();
  }

  private static BlobId id(Path file) throws IOException {
    return new BlobId(FileChecksum.SHA_256.of(file));
  }

  private static BlobId idOf(byte[] content) throws Exception {
    return id(Files.write(folder.resolve("summed"), content));
  }

  private static Path randomFile(int size) throws IOException {
    return Files.write(folder.resolve("random " + names), random(size));
  }

  private static byte[] random(int size) {
    names++;
    byte[] bytes = new byte[size];
    new Random(names).nextBytes(bytes);
    return bytes;
  }

  private static byte[] head(String method, String path, long length) {
    String pair = server.credentials.user() + ":" + server.credentials.password().reveal();
    return "%s /api/v1/%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\nAuthorization: Basic %s\r\n\r\n"
        .formatted(
            method,
            path,
            length,
            Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String answer(SSLSocket socket) throws IOException {
    byte[] answer = new byte[65_536];
    int count = socket.getInputStream().read(answer);
    return new String(answer, 0, Math.max(0, count), StandardCharsets.UTF_8);
  }
}
