package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.ResultKind;
import io.blendnet.security.Credentials;
import io.blendnet.security.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** The door as curl finds it. */
class ApiServerTest {
  private static final String HTTP1 = "--http1.1";
  private static final String HTTP2 = "--http2";

  @TempDir static Path folder;
  private static TestingServer server;
  private static Curl curl;

  @BeforeAll
  static void start() throws IOException {
    server = new TestingServer(folder);
    curl = server.curl();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"info", "status", "log", "task", "openapi.json", "no/such/path", ""})
  void nothingIsToldWithoutThePassword(String path) throws Exception {
    var wrong = curl.with(new Credentials("user", Secret.of("wrong")));

    var answer = wrong.call(path);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.headers())
        .containsEntry("www-authenticate", "Basic realm=\"BlendNet Manager\", charset=\"UTF-8\"")
        .containsEntry("content-type", "application/problem+json");
    assertThat(answer.json().path("success").booleanValue()).isFalse();
    assertThat(answer.json().path("type").asString()).isEqualTo(ErrorCode.UNAUTHORIZED.type());
    assertThat(answer.text()).doesNotContain("endpoints");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Basic",
        "Authorization: Basic !!!!",
        "Authorization: Basic dXNlcg==",
        "Authorization: Bearer dXNlcjpwdw==",
        "Authorization:"
      })
  void aBrokenSignInIsAWrongOne(String header) throws Exception {
    assertThat(curl.call("info", "-H", header).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void bothVersionsOfHttpAreSpoken(String version) throws Exception {
    var answer = curl.call("info", version);

    assertThat(answer.version()).isEqualTo(version.equals(HTTP2) ? "2" : "1.1");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers()).containsEntry("content-type", "application/json");
    JsonNode data = answer.json().path("data");
    assertThat(data.path("engine").asString()).isEqualTo("Manager");
    assertThat(data.path("platform").path("system").asString())
        .isEqualTo(System.getProperty("os.name"));
    assertThat(data.path("platform").path("cpu").asString()).isNotBlank();
    assertThat(data.path("blender").path("version").asString()).isEqualTo("3.4.1");
  }

  @Test
  void theStatusTellsOfTheMachine() throws Exception {
    JsonNode data = curl.call("status").json().path("data");

    assertThat(data.path("load").size()).isEqualTo(3);
    assertThat(data.path("memory").path("MemTotal").asLong())
        .isGreaterThanOrEqualTo(data.path("memory").path("MemAvailable").asLong())
        .isPositive();
    assertThat(data.path("disk").path("total").asLong()).isPositive();
    assertThat(data.path("running").get(0).asString()).isEqualTo("shot 7");
    assertThat(data.path("terminating").booleanValue()).isFalse();
  }

  @Test
  void oldTlsIsRefused() throws Exception {
    var answer = curl.call("info", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0");

    assertThat(answer.exit()).isNotZero();
    assertThat(answer.status()).isZero();
    assertThat(curl.call("info", "--tls-max", "1.2").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nothing", "", "task/a/b/c", "task/a/file%2Fb", "../../etc/passwd", "//info"})
  void anUnknownPathIsAnsweredWithThoseThatThereAre(String path) throws Exception {
    var answer = curl.call(path);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.json().path("success").booleanValue()).isFalse();
    assertThat(answer.json().path("endpoints").valueStream().map(JsonNode::asString))
        .contains("/api/v1/info", "/api/v1/task/{name}/file/{path}", "/api/v1/openapi.json");
  }

  @Test
  void aSlashAtTheEndMeansNothing() throws Exception {
    assertThat(curl.call("task/").status()).isEqualTo(200);
  }

  @Test
  void aWrongMethodIsAnsweredWithTheRightOnes() throws Exception {
    var answer = curl.call("task/a/config", "-X", "POST", "-d", "{}");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.headers()).containsEntry("allow", "PUT, OPTIONS");
    assertThat(answer.json().path("type").asString())
        .isEqualTo(ErrorCode.METHOD_NOT_ALLOWED.type());
  }

  @Test
  void optionsListsTheMethods() throws Exception {
    var answer = curl.call("task/a/file/b", "-X", "OPTIONS");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.headers()).containsEntry("allow", "GET, PUT, HEAD, OPTIONS");
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void headGivesTheHeadersAlone(String version) throws Exception {
    var answer = curl.call("info", version, "--head");

    assertThat(answer.exit()).isZero();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Integer.parseInt(answer.headers().get("content-length"))).isPositive();
  }

  @Test
  void headNeverRunsATask() throws Exception {
    TaskName task = newTask("head");

    assertThat(curl.call("task/head/run", "--head").status()).isEqualTo(405);
    assertThat(server.tasks.task(task).state().name()).isEqualTo("CREATED");
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aFileIsStored(String version) throws Exception {
    Path file = randomFile("upload" + version, 3_000_000);

    var answer = put("task/put" + version + "/file/tex/a.png", file, version);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("data").path("id").asString())
        .isEqualTo(FileChecksum.SHA_1.of(file));
    assertThat(answer.json().path("data").path("size").asLong()).isEqualTo(3_000_000);
    assertThat(server.tasks.content(new TaskName("put" + version), "tex/a.png"))
        .isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void anEmptyFileIsStored() throws Exception {
    Path file = randomFile("empty", 0);

    assertThat(put("task/empty/file/e", file).status()).isEqualTo(200);
    assertThat(server.tasks.content(new TaskName("empty"), "e")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aFileThatIsThereAlreadyIsASuccess(String version) throws Exception {
    Path file = randomFile("again", 5_000_000);

    assertThat(put("task/again/file/a", file, version).status()).isEqualTo(200);
    // The service does not read this one: the server has to.
    var second = put("task/again/file/b", file, version, "-H", "Expect:");

    assertThat(second.exit()).isZero();
    assertThat(second.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aWrongSumIsRefusedAndNothingIsKept(String version) throws Exception {
    Path file = randomFile("wrong", 1_000_000);
    var before = server.tasks.contents();

    var answer =
        curl.call(
            "task/wrong/file/a",
            version,
            "-T",
            file.toString(),
            "-H",
            "X-Checksum-Sha1: " + "0".repeat(40));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("type").asString()).isEqualTo(ErrorCode.CHECKSUM_MISMATCH.type());
    assertThat(server.tasks.contents()).isEqualTo(before);
    assertThat(curl.call("task/wrong").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "X-Checksum-Sha1: abc", "X-Checksum-Sha1: ../../x"})
  void anUploadNeedsItsSum(String header) throws Exception {
    Path file = randomFile("sumless", 10);

    var answer = curl.call("task/sumless/file/a", "-T", file.toString(), "-H", header);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("X-Checksum-Sha1");
  }

  @Test
  void anUploadNeedsItsLength() throws Exception {
    Path file = randomFile("chunked", 100_000);

    var answer = put("task/chunked/file/a", file, HTTP1, "-H", "Transfer-Encoding: chunked");

    assertThat(answer.status()).isEqualTo(411);
    assertThat(answer.json().path("type").asString()).isEqualTo(ErrorCode.LENGTH_REQUIRED.type());
  }

  @Test
  void aFormIsNoFile() throws Exception {
    Path file = randomFile("form", 10);

    var answer = curl.call("task/form/file/a", "-X", "PUT", "-F", "file=@" + file);

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.text()).contains("--upload-file");
  }

  @Test
  void anUploadThatDoesNotFitOnTheDiskIsRefusedBeforeItIsSent() throws Exception {
    var answer =
        curl.call(
            "task/huge/file/a",
            HTTP1,
            "-X",
            "PUT",
            "-H",
            "Expect: 100-continue",
            "-H",
            "Content-Length: 999999999999999",
            "-H",
            "X-Checksum-Sha1: " + "0".repeat(40),
            "-d",
            "x");

    assertThat(answer.status()).isEqualTo(507);
    assertThat(answer.json().path("message").asString()).contains("disk is full");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "a%20b/%C3%A9%22q%22%27.png|a b/é\"q\"'.png",
        "/abs/path.png|/abs/path.png",
        "%2Fabs%2Fpath.png|/abs/path.png",
        "C%3A%5Ctex%5Ca.png|C:/tex/a.png",
        "100%2525.png|100%25.png",
        "a%3Fb%23c%3Bd.png|a?b#c;d.png",
        "a;b=c.png|a;b=c.png"
      })
  void aFilesPathArrivesAsItWasMeant(String sent, String path) throws Exception {
    Path file = randomFile("path", 20);

    var answer = put("task/paths/file/" + sent, file);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(server.tasks.files(new TaskName("paths"))).containsKey(path);
    assertThat(curl.call("task/paths/file/" + sent).json().path("data").path("path").asString())
        .isEqualTo(path);
  }

  @Test
  void aPathOf200CharactersOutsideAsciiArrives() throws Exception {
    String path = "日本/" + "é".repeat(100) + "/" + "画".repeat(80) + ".png";
    Path file = randomFile("long", 20);

    var answer =
        put("task/long/file/" + io.blendnet.protocol.WirePaths.encodeFile(path), file, HTTP2);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(server.tasks.files(new TaskName("long"))).containsKey(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/../../x",
        "%2e%2e/x",
        "a/%2e%2e/%2e%2e/x",
        "..%2fx",
        "..%5cx",
        "a\\..\\x",
        "/../x",
        "//..//x",
        "a%00b",
        "%ff",
        "%zz",
        "a%"
      })
  void aPathThatLeadsElsewhereIsRefused(String sent) throws Exception {
    Path file = randomFile("elsewhere", 20);
    int before = server.tasks.uploads();

    for (String version : new String[] {HTTP1, HTTP2}) {
      assertThat(put("task/elsewhere/file/" + sent, file, version).status()).isEqualTo(400);
    }
    assertThat(server.tasks.uploads()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "%2e%2e", "a%2Fb", "trailing.", "%20%20", "a%00", "é"})
  void aBadTaskNameIsRefused(String name) throws Exception {
    assertThat(curl.call("task/" + name + "/status").status()).isEqualTo(400);
  }

  @Test
  void aTaskIsConfiguredAndKeysWithoutEffectAreNamed() throws Exception {
    TaskName task = newTask("config");

    var answer =
        curl.call("task/config/config", "-X", "PUT", "-d", "{\"samples\":8,\"frame\":3,\"gpu\":1}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("message").asString()).isEqualTo("Accepted without effect: gpu");
    assertThat(server.tasks.config(task).orElseThrow().samples()).contains(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"samples\":0}|422|samples",
        "{\"samples\":\"8\"}|422|samples",
        "{\"project\":\"../x\"}|422|project",
        "[]|422|object",
        "{|400|JSON",
        "not json|400|JSON"
      })
  void aBadConfigurationIsRefusedByName(String json, int status, String named) throws Exception {
    newTask("bad");

    var answer = curl.call("task/bad/config", "-X", "PUT", "-d", json);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().path("message").asString()).contains(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aConfigurationOfMoreThan512KilobytesIsRefused(String version) throws Exception {
    newTask("large");
    Path file = Files.writeString(folder.resolve("large.json"), " ".repeat(512 * 1024) + "{}");

    var answer =
        curl.call(
            "task/large/config",
            version,
            "-X",
            "PUT",
            "--data-binary",
            "@" + file,
            "-H",
            "Expect:");

    assertThat(answer.exit()).isZero();
    assertThat(answer.status()).isEqualTo(413);
  }

  @Test
  void aTaskIsRunStoppedAndRemoved() throws Exception {
    TaskName task = newTask("verbs");

    assertThat(curl.call("task/verbs/run").status()).isEqualTo(200);
    assertThat(server.tasks.task(task).state().name()).isEqualTo("PENDING");
    assertThat(curl.call("task/verbs/stop", "-X", "POST").status()).isEqualTo(200);
    assertThat(server.tasks.task(task).state().name()).isEqualTo("STOPPED");
    assertThat(curl.call("task/verbs", "-X", "DELETE").status()).isEqualTo(200);
    assertThat(curl.call("task/verbs").status()).isEqualTo(404);
  }

  @Test
  void aTaskIsPausedAndResumed() throws Exception {
    newTask("pauses");

    assertThat(curl.call("task/pauses/pause", "-X", "POST").status()).isEqualTo(200);
    var paused = curl.call("task/pauses/status").json().path("data");
    assertThat(paused.path("paused").booleanValue()).isTrue();
    assertThat(paused.path("waiting").asString()).isEqualTo("it is paused");
    assertThat(curl.call("task/pauses/resume", "-X", "POST").status()).isEqualTo(200);
    var resumed = curl.call("task/pauses").json().path("data");
    assertThat(resumed.path("paused").booleanValue()).isFalse();
    assertThat(resumed.path("waiting").isNull()).isTrue();
    assertThat(curl.call("task/pauses/pause").status()).as("a GET").isEqualTo(405);
    assertThat(curl.call("task/none/pause", "-X", "POST").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(ints = {-100, 0, 100})
  void aTaskGetsItsPriority(int priority) throws Exception {
    newTask("ranked");

    var answer = prioritize("ranked", "{\"priority\":%d}".formatted(priority));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("message").asString()).contains(Integer.toString(priority));
    assertThat(curl.call("task/ranked").json().path("data").path("priority").intValue())
        .isEqualTo(priority);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"priority\":101}",
        "{\"priority\":-101}",
        "{\"priority\":1.5}",
        "{\"priority\":\"high\"}",
        "{\"priority\":null}",
        "{}"
      })
  void aWrongPriorityIsRefusedByName(String json) throws Exception {
    newTask("unranked");

    var answer = prioritize("unranked", json);

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().path("type").asString()).isEqualTo(ErrorCode.INVALID_FIELD.type());
    assertThat(answer.json().path("message").asString()).contains("'priority'");
  }

  private static Curl.CurlAnswer prioritize(String task, String json) throws Exception {
    return curl.call("task/" + task + "/priority", "-X", "PUT", "-d", json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: https://evil.example",
        "Origin: null"
      })
  void aPageOfAnotherSiteChangesNothing(String header) throws Exception {
    TaskName task = newTask("site");

    for (String[] call :
        new String[][] {
          {"task/site/run", "-X", "GET"},
          {"task/site/run", "-X", "POST"},
          {"task/site/stop", "-X", "GET"},
          {"task/site/pause", "-X", "POST"},
          {"task/site/resume", "-X", "POST"},
          {"task/site/priority", "-X", "PUT"},
          {"task/site", "-X", "DELETE"}
        }) {
      var answer = curl.call(call[0], call[1], call[2], "-H", header);
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.json().path("type").asString()).isEqualTo(ErrorCode.CROSS_SITE.type());
    }
    assertThat(server.tasks.task(task).state().name()).isEqualTo("CREATED");
  }

  @Test
  void thisServersOwnPagesMayChangeThings() throws Exception {
    newTask("own");

    for (String version : new String[] {HTTP1, HTTP2}) {
      assertThat(
              curl.call(
                      "task/own/run",
                      version,
                      "-H",
                      "Sec-Fetch-Site: same-origin",
                      "-H",
                      "Origin: " + server.address())
                  .status())
          .isEqualTo(200);
    }
  }

  @Test
  void aBugIsAnsweredWithoutItsDetailsAndLoggedOnce() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("io.blendnet.server");
    var events = new ListAppender<ILoggingEvent>();
    events.start();
    logger.addAppender(events);
    logger.setAdditive(false);
    try {
      var answer = curl.call("task/broken/details");

      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.text()).doesNotContain("secret detail").doesNotContain("Exception");
      assertThat(answer.json().path("type").asString()).isEqualTo(ErrorCode.INTERNAL.type());
      assertThat(events.list)
          .singleElement()
          .satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.ERROR);
            assertThat(event.getFormattedMessage()).contains("GET /api/v1/task/broken/details");
            assertThat(event.getThrowableProxy().getMessage()).contains("secret detail");
          });
    } finally {
      logger.detachAppender(events);
      logger.setAdditive(true);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aResultComesWithTypeLengthAndSum(String version) throws Exception {
    Path file = result("result", 2_000_000);

    var answer = curl.call("task/result/status/result/compose", version);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(Files.readAllBytes(file));
    assertThat(answer.headers())
        .containsEntry("content-type", "image/png")
        .containsEntry("content-length", "2000000")
        .containsEntry("x-checksum-sha1", FileChecksum.SHA_1.of(file))
        .containsEntry("accept-ranges", "bytes");
    assertThat(curl.call("task/result/status/result/compose", version, "--head").headers())
        .containsEntry("content-length", "2000000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-9|206|0|10",
        "bytes=990-|206|990|10",
        "bytes=-10|206|990|10",
        "bytes=500-5000|206|500|500",
        "bytes=-5000|206|0|1000",
        "bytes=0-0,5-6|200|0|1000",
        "bytes=9-5|200|0|1000",
        "bytes=-|200|0|1000",
        "lines=1-2|200|0|1000"
      })
  void aRangeOfAResultIsServed(String range, int status, int first, int length) throws Exception {
    Path file = result("range", 1000);

    var answer = curl.call("task/range/status/result/compose", "-H", "Range: " + range);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body())
        .isEqualTo(java.util.Arrays.copyOfRange(Files.readAllBytes(file), first, first + length));
    if (status == 206) {
      assertThat(answer.headers())
          .containsEntry("content-range", "bytes %d-%d/1000".formatted(first, first + length - 1));
    }
  }

  @Test
  void aRangeBehindTheEndIsRefused() throws Exception {
    result("behind", 1000);

    var answer = curl.call("task/behind/status/result/compose", "-H", "Range: bytes=1000-");

    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.headers()).containsEntry("content-range", "bytes */1000");
  }

  @Test
  void aRangeOfAnotherContentGivesTheWhole() throws Exception {
    Path file = result("other", 1000);
    String sum = FileChecksum.SHA_1.of(file);

    assertThat(ranged("other", "\"" + "0".repeat(40) + "\"")).isEqualTo(200);
    assertThat(ranged("other", "\"" + sum + "\"")).isEqualTo(206);
  }

  @Test
  void aResultThatIsNotThereYetIsNotFound() throws Exception {
    newTask("early");

    assertThat(curl.call("task/early/status/result/render").json().path("type").asString())
        .isEqualTo(ErrorCode.RESULT_NOT_FOUND.type());
    assertThat(curl.call("task/early/status/result/nonsense").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aLargeUploadWaitsForTheServersWordAndThenGoesThrough(String version) throws Exception {
    Path file = randomFile("expect", 8_000_000);

    var answer =
        put("task/expect" + version + "/file/a", file, version, "-H", "Expect: 100-continue");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.uploaded()).isEqualTo(8_000_000);
  }

  @Test
  void aLargeUploadWithAWrongPasswordIsNotEvenSent() throws Exception {
    Path file = randomFile("refused", 8_000_000);
    var wrong = curl.with(new Credentials("user", Secret.of("wrong")));

    var answer =
        wrong.call(
            "task/refused/file/a",
            HTTP1,
            "-T",
            file.toString(),
            "-H",
            "Expect: 100-continue",
            "-H",
            "X-Checksum-Sha1: " + "0".repeat(40));

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.uploaded()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {HTTP1, HTTP2})
  void aRefusedUploadIsReadToItsEndSoThatTheAnswerIsSeen(String version) throws Exception {
    TaskName task = newTask("busy");
    server.tasks.run(task);
    Path file = randomFile("busy", 20_000_000);

    var answer = put("task/busy/file/a", file, version, "-H", "Expect:");

    assertThat(answer.exit()).isZero();
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.json().path("type").asString()).isEqualTo(ErrorCode.TASK_STATE.type());
  }

  @Test
  void theLogIsKeyedByTime() throws Exception {
    server.log.add(java.time.Instant.parse("2026-01-02T03:04:05.5Z"), "hello");

    assertThat(curl.call("log").json().path("data").toString())
        .isEqualTo("{\"1767323045.500000\":\"hello\\n\"}");
  }

  @Test
  void aSecondServerOnThePortIsToldWhichPortIsTaken() {
    var options =
        ServerOptions.of(
            "127.0.0.1",
            server.server.port(),
            server.authority.issue("x", java.util.List.of("localhost")),
            server.credentials,
            "x",
            folder);

    assertThatThrownBy(() -> ApiServer.start(options))
        .isInstanceOf(CannotListenException.class)
        .hasMessageContaining(Integer.toString(server.server.port()))
        .hasMessageContaining("listen_port");
  }

  @Test
  void anAddressOfAnotherMachineCannotBeListenedOn() {
    var options =
        ServerOptions.of(
            "192.0.2.1",
            0,
            server.authority.issue("x", java.util.List.of("localhost")),
            server.credentials,
            "x",
            folder);

    assertThatThrownBy(() -> ApiServer.start(options))
        .isInstanceOf(CannotListenException.class)
        .hasMessageContaining("192.0.2.1");
  }

  private static int ranged(String task, String validator) throws Exception {
    return curl.call(
            "task/" + task + "/status/result/compose",
            "-H",
            "Range: bytes=0-9",
            "-H",
            "If-Range: " + validator)
        .status();
  }

  private static Curl.CurlAnswer put(String path, Path file, String... options) throws Exception {
    String[] all = java.util.Arrays.copyOf(options, options.length + 4);
    all[options.length] = "-T";
    all[options.length + 1] = file.toString();
    all[options.length + 2] = "-H";
    all[options.length + 3] = "X-Checksum-Sha1: " + FileChecksum.SHA_1.of(file);
    return curl.call(path, all);
  }

  private static TaskName newTask(String name) throws Exception {
    var task = new TaskName(name);
    server.tasks.create(task);
    return task;
  }

  private static Path result(String task, int size) throws IOException {
    Path file = randomFile("result of " + task, size);
    server.tasks.putResult(
        new TaskName(task),
        ResultKind.COMPOSE,
        ResultFile.withSha1(file, size, FileChecksum.SHA_1.of(file), "image/png"));
    return file;
  }

  private static Path randomFile(String name, int size) throws IOException {
    byte[] content = new byte[size];
    new Random(name.hashCode()).nextBytes(content);
    return Files.write(folder.resolve(name.replace('-', '_') + ".bin"), content);
  }
}
