package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.e2e.ApiCaller.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Both servers, as their commands start them, answer what docs/api.md says. */
class ApiContractTest {
  private static final Pattern ENDPOINT = Pattern.compile("`(GET|PUT|POST|DELETE) ([^`?]+)[^`]*`");
  private static final byte[] CONTENT = "colour".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  /** The two kinds of server. */
  enum Server {
    MANAGER,
    AGENT;

    ApiCaller api() {
      return server().api();
    }

    RunningServer server() {
      return switch (this) {
        case MANAGER -> RunningFarm.manager();
        case AGENT -> RunningFarm.lonelyAgent();
      };
    }

    /** {@code METHOD path} of every endpoint in the tables of docs/api.md. */
    NavigableSet<String> documented() throws IOException {
      String page = Files.readString(CommandRoom.repository().resolve("docs/api.md"));
      String[] chapters = page.split("\n## ", -1);
      var endpoints = new TreeSet<String>();
      for (String chapter : chapters) {
        boolean ours =
            chapter.startsWith("Endpoints of both servers")
                || (this == MANAGER && chapter.startsWith("Endpoints of the Manager"))
                || (this == AGENT && chapter.startsWith("Endpoints of an agent"));
        if (ours) {
          chapter
              .lines()
              .filter(line -> line.startsWith("| `"))
              .map(line -> line.split("\\|", -1)[1])
              .flatMap(cell -> ENDPOINT.matcher(cell).results())
              .forEach(match -> endpoints.add(match.group(1) + " " + match.group(2)));
        }
      }
      return endpoints;
    }

    NavigableSet<String> described() throws IOException, InterruptedException {
      var endpoints = new TreeSet<String>();
      JsonNode paths = api().get("openapi.json").tree().get("paths");
      for (var path : paths.properties()) {
        for (String method : path.getValue().propertyNames()) {
          endpoints.add(
              method.toUpperCase(Locale.ROOT) + " " + path.getKey().replaceFirst("^/api/v1/", ""));
        }
      }
      return endpoints;
    }
  }

  @ParameterizedTest
  @EnumSource
  void openApiListsExactlyTheEndpointsOfThePage(Server server) throws Exception {
    assertThat(server.described())
        .hasSizeGreaterThan(15)
        .containsExactlyElementsOf(server.documented());
    assertThat(server.api().get("openapi.json").tree().get("openapi").asString()).startsWith("3.1");
  }

  @ParameterizedTest
  @EnumSource
  void noEndpointAnswersToAStranger(Server server) throws Exception {
    for (String endpoint : server.described()) {
      String[] parts = endpoint.split(" ", 2);
      String path = parts[1].replaceAll("[{][a-z0-9]+[}]", "1");
      for (ApiCaller stranger :
          List.of(server.api().anonymous(), server.api().as("tester", "wrong password"))) {
        Answer answer = stranger.call(parts[0], path, BodyPublishers.noBody());
        answer.assertRefused(401, "unauthorized");
        assertThat(answer.header("WWW-Authenticate")).matches("Basic realm=\".+\".*");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownPathListsThoseThatThereAre(Server server) throws Exception {
    Answer answer = server.api().get("tasks").assertRefused(404, "endpoint-not-found");
    var listed = new TreeSet<String>();
    answer.tree().get("endpoints").forEach(path -> listed.add(path.asString()));
    var described = new TreeSet<String>();
    server.api().get("openapi.json").tree().get("paths").propertyNames().forEach(described::add);
    assertThat(listed).isEqualTo(described);
  }

  @ParameterizedTest
  @EnumSource
  void aWrongMethodIsToldTheRightOnes(Server server) throws Exception {
    Answer answer = server.api().delete("info").assertRefused(405, "method-not-allowed");
    assertThat(answer.header("Allow")).contains("GET").doesNotContain("DELETE");
  }

  @ParameterizedTest
  @EnumSource
  void aServerTellsOfItself(Server server) throws Exception {
    JsonNode info = server.api().get("info").data();
    assertThat(info.get("engine").asString())
        .isEqualTo(server == Server.MANAGER ? "Manager" : "Agent");
    assertThat(info.get("platform").propertyNames())
        .contains("system", "arch", "name", "details", "cpu");
    if (server == Server.AGENT) {
      assertThat(info.get("blender").propertyNames())
          .contains("version", "version_string", "build_date");
    }

    JsonNode status = server.api().get("status").data();
    assertThat(status.get("load").size()).isEqualTo(3);
    assertThat(status.get("memory").propertyNames())
        .contains("MemTotal", "MemFree", "MemAvailable");
    assertThat(status.at("/disk/total").asLong()).isPositive();
    assertThat(status.at("/disk/available").asLong()).isPositive();
    assertThat(status.get("running").isArray()).isTrue();
    assertThat(status.get("terminating").asBoolean()).isFalse();

    JsonNode log = server.api().get("log").data();
    assertThat(log.size()).isPositive();
    log.properties()
        .forEach(line -> {
          assertThat(line.getKey()).matches("\\d{10}\\.\\d+");
          assertThat(line.getValue().asString()).endsWith("\n");
        });
  }

  @ParameterizedTest
  @EnumSource
  void filesAreKeptAsTheyAreSaidToBeOrNotAtAll(Server server) throws Exception {
    ApiCaller api = server.api();
    String sum = ApiCaller.sha1(CONTENT);

    api.call("PUT", "task/kept/file/a.png", body(), "X-Checksum-Sha1", "0".repeat(40))
        .assertRefused(400, "checksum-mismatch");
    api.call("PUT", "task/kept/file/a.png", body(), "X-Checksum-Sha1", sum.toUpperCase(Locale.ROOT))
        .assertRefused(400, "invalid-request");
    api.call("PUT", "task/kept/file/a.png", body()).assertRefused(400, "invalid-request");
    api.putStream("task/kept/file/a.png", CONTENT).assertRefused(411, "length-required");
    api.putFile("task/kept/file/../a.png", CONTENT);
    api.putFile("task/kept/file/b/%2e%2e/%2e%2e/a.png", CONTENT)
        .assertRefused(400, "invalid-request");
    api.putFile("task/kept./file/a.png", CONTENT).assertRefused(400, "invalid-request");
    api.get("task/kept").assertRefused(404, "task-not-found");
    api.get("task/kept/file").assertRefused(404, "task-not-found");

    JsonNode blob = api.putFile("task/kept/file/t%C3%A4x%5Ca%20b.png", CONTENT).data();
    assertThat(blob.get("id").asString()).isEqualTo(sum);
    assertThat(blob.get("size").asLong()).isEqualTo(CONTENT.length);
    assertThat(blob.propertyNames()).contains("create_time", "access_time");
    api.putFile("task/kept/file/t%C3%A4x/a%20b.png", CONTENT).assertDone();
    api.putFile("task/kept/file//srv/c.png", CONTENT).assertDone();

    JsonNode files = api.get("task/kept/file").data();
    assertThat(files.propertyNames()).containsExactlyInAnyOrder("täx/a b.png", "/srv/c.png");
    JsonNode file = api.get("task/kept/file//srv/c.png").data();
    assertThat(file.get("id").asString()).isEqualTo(sum);
    assertThat(file.get("path").asString()).isEqualTo("/srv/c.png");
    assertThat(file.at("/blob/size").asLong()).isEqualTo(CONTENT.length);
    api.get("task/kept/file/none").assertRefused(404, "file-not-found");

    api.delete("task/kept").assertDone();
    api.get("task/kept").assertRefused(404, "task-not-found");
    api.delete("task/kept").assertRefused(404, "task-not-found");
  }

  private static java.net.http.HttpRequest.BodyPublisher body() {
    return BodyPublishers.ofByteArray(CONTENT);
  }

  @ParameterizedTest
  @EnumSource
  void aConfigurationIsTakenOrRefusedByName(Server server) throws Exception {
    ApiCaller api = server.api();
    api.put("task/set/config", "{}").assertRefused(404, "task-not-found");
    api.putFile("task/set/file/a.blend", CONTENT).assertDone();

    api.put("task/set/config", "{not json").assertRefused(400, "invalid-request");
    for (String wrong :
        List.of(
            "\"samples\": 0",
            "\"samples\": \"many\"",
            "\"seed\": -1",
            "\"seed\": 2147483648",
            "\"frame\": -1",
            "\"agents_num\": 0",
            "\"strategy\": \"stripes\"",
            "\"use_compositing_nodes\": 3")) {
      String key = wrong.substring(1, wrong.indexOf('"', 1));
      Answer answer =
          api.put("task/set/config", "{" + wrong + "}").assertRefused(422, "invalid-field");
      assertThat(answer.message()).contains(key);
    }
    api.put("task/set/config", "{\"project\": \"" + "x".repeat(513 * 1024) + "\"}")
        .assertRefused(413, "too-large");
    api.call(
            "PUT",
            "task/set/config",
            BodyPublishers.ofString("project=a"),
            "Content-Type",
            "multipart/form-data; boundary=x")
        .assertRefused(415, "unsupported-media-type");
    api.post("task/set/run").assertRefused(422, "not-ready");

    String config =
        ApiCaller.json(
            "project",
            "a.blend",
            "project_path",
            "C:\\Users\\me",
            "cwd_path",
            "C:\\",
            "samples",
            7,
            "seed",
            5,
            "frame",
            3,
            "agents_num",
            2,
            "use_compositing_nodes",
            false,
            "compose_filepath",
            "//out/####.png",
            "colour_of_the_sky",
            "blue");
    assertThat(api.put("task/set/config", config).assertDone().message())
        .contains("colour_of_the_sky");
    JsonNode status = api.get("task/set/status").data();
    assertThat(status.get("state").asString()).isEqualTo("CREATED");
    assertThat(status.get("project").asString()).isEqualTo("a.blend");
    assertThat(status.get("samples").asInt()).isEqualTo(7);
    assertThat(status.get("seed").asInt()).isEqualTo(5);
    assertThat(status.get("frame").asInt()).isEqualTo(3);
    assertThat(status.get("compose_filepath").asString()).isEqualTo("//out/####.png");
    api.delete("task/set").assertDone();
  }

  @ParameterizedTest
  @EnumSource
  void aTaskLivesFromItsFilesToItsResults(Server server) throws Exception {
    ApiCaller api = server.api();
    Path blend = CommandScenes.copyOf("shot", folder);
    api.putFile("task/life/file/shot.blend", Files.readAllBytes(blend)).assertDone();
    api.putFile(
            "task/life/file/textures/wall.png",
            Files.readAllBytes(folder.resolve("textures/wall.png")))
        .assertDone();
    api.put("task/life/config", ApiCaller.json("project", "shot.blend", "frame", 2)).assertDone();
    for (String kind : List.of("preview", "render", "compose")) {
      api.get("task/life/status/result/" + kind).assertRefused(404, "result-not-found");
    }
    api.get("task/life/status/result/sum").assertRefused(404, "result-not-found");
    JsonNode created = api.get("task/life").data();
    assertThat(created.propertyNames())
        .contains("name", "create_time", "start_time", "end_time", "state", "frame", "done");
    assertThat(created.get("start_time").isNull()).isTrue();
    assertThat(api.get("task").data().propertyNames()).contains("life");

    api.get("task/life/run", "Sec-Fetch-Site", "cross-site").assertRefused(403, "cross-site");
    api.get("task/life/run").assertDone();
    api.putFile("task/life/file/late.png", CONTENT).assertRefused(409, "task-state");
    api.put("task/life/config", "{}").assertRefused(409, "task-state");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Stream.of("COMPLETED", "ERROR").toList().contains(state(api, "life")));

    JsonNode status = api.get("task/life/status").data();
    assertThat(status.get("state").asString()).as(status.toString()).isEqualTo("COMPLETED");
    assertThat(status.get("done").asDouble()).isEqualTo(1.0);
    assertThat(status.get("samples_done").asInt()).isEqualTo(8);
    assertThat(status.propertyNames())
        .contains("remaining", "start_time_actual", "samples_per_workload", "progress");
    assertThat(status.get("end_time").asLong()).isPositive();
    for (String kind : List.of("preview", "render", "compose")) {
      result(api, kind, status.at("/result/" + kind).asString());
    }
    // Blender's words come in the agent's own time.
    await().until(() -> api.get("task/life/messages").data().size() > 0);
    assertThat(api.get("task/life/details").data().size()).isPositive();
    api.post("task/life/stop").assertRefused(409, "task-state");
    api.delete("task/life").assertDone();
    api.get("task/life/status").assertRefused(404, "task-not-found");
  }

  private static void result(ApiCaller api, String kind, String id)
      throws IOException, InterruptedException {
    Answer file = api.get("task/life/status/result/" + kind);
    assertThat(file.status()).isEqualTo(200);
    assertThat(file.header("Content-Length")).isEqualTo(Integer.toString(file.body().length));
    assertThat(file.header("X-Checksum-Sha1")).isEqualTo(ApiCaller.sha1(file.body())).isEqualTo(id);
    assertThat(file.header("Content-Type"))
        .isEqualTo(kind.equals("render") ? "image/x-exr" : "image/png");
    Answer part = api.get("task/life/status/result/" + kind, "Range", "bytes=4-11");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(file.body(), 4, 12));
    api.get("task/life/status/result/" + kind, "Range", "bytes=99999999-")
        .assertRefused(416, "range-not-satisfiable");
  }

  private static String state(ApiCaller api, String task) throws IOException, InterruptedException {
    return api.get("task/" + task).data().get("state").asString();
  }

  @ParameterizedTest
  @EnumSource
  void aTaskThatRunsCanBeStoppedAndThenRemoved(Server server) throws Exception {
    ApiCaller api = server.api();
    Path blend = CommandScenes.copyOf("endless", folder);
    api.putFile("task/halt/file/endless.blend", Files.readAllBytes(blend)).assertDone();
    api.put("task/halt/config", ApiCaller.json("project", "endless.blend")).assertDone();
    api.post("task/halt/run").assertDone();
    await().atMost(Duration.ofMinutes(1)).until(() -> state(api, "halt").equals("RUNNING"));
    api.delete("task/halt").assertRefused(409, "task-state");
    assertThat(api.get("status").data().get("running").valueStream().map(JsonNode::asString))
        .contains("halt");
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> api.get("task/halt/details").data().size() > 0);

    api.get("task/halt/stop").assertDone();

    await().atMost(Duration.ofMinutes(1)).until(() -> state(api, "halt").equals("STOPPED"));
    api.delete("task/halt").assertDone();
  }

  @Test
  void theManagerKnowsItsMachines() throws Exception {
    ApiCaller api = RunningFarm.manager().api();
    JsonNode resources = api.get("resources").data();
    assertThat(resources.get("manager").propertyNames())
        .contains("id", "name", "ip", "internal_ip", "type", "started", "stopped", "created");
    assertThat(resources.at("/agents/one").propertyNames())
        .contains(
            "name",
            "active",
            "id",
            "ip",
            "internal_ip",
            "type",
            "started",
            "stopped",
            "created",
            "error");
    assertThat(resources.at("/agents/one/active").asBoolean()).isTrue();
    assertThat(api.get("agent/one/log").data().size()).isPositive();

    api.put("agent/one/config", RunningServer.agentConfig(RunningFarm.agent())).assertDone();
    api.put("agent/two/config", "{}").assertRefused(422, "invalid-field");
    api.put("agent/two/config", ApiCaller.json("address", "localhost", "port", 0))
        .assertRefused(422, "invalid-field");
    api.get("agent/two/log").assertRefused(404, "agent-not-found");
    api.delete("agent/two").assertRefused(404, "agent-not-found");
  }

  /** An agent that cannot be reached is a member with an error, and goes when it is taken out. */
  @Test
  void theManagerSaysWhyAMachineDoesNotWork() throws Exception {
    ApiCaller api = RunningFarm.manager().api();
    api.put(
            "agent/nobody/config",
            ApiCaller.json(
                "address", "localhost", "port", 1, "auth_user", "a", "auth_password", "b"))
        .assertDone();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(api.get("resources").data().at("/agents/nobody/error").asString())
              .contains("localhost:1");
        });
    api.delete("agent/nobody").assertDone();
    assertThat(api.get("resources").data().get("agents").has("nobody")).isFalse();
  }

  @Test
  void anAgentTakesOrdersOfItsOwnFarmAlone() throws Exception {
    ApiCaller api = RunningFarm.agent().api();
    for (String call :
        List.of(
            "POST work/attach",
            "GET work/report?after=0&wait_seconds=0",
            "GET work/delivery/1",
            "DELETE work/delivery/1",
            "DELETE work/lease/1?attempt=1",
            "POST work/end")) {
      String method = call.substring(0, call.indexOf(' '));
      String path = call.substring(call.indexOf(' ') + 1);
      api.call(method, path, BodyPublishers.noBody()).assertRefused(400, "invalid-request");
      api.call(method, path, BodyPublishers.noBody(), "X-BlendNet-Manager", "another;1000000;start")
          .assertRefused(409, "other-farm");
    }
    api.get("work/report?after=0&wait_seconds=61").assertRefused(400, "invalid-request");
  }

  @Test
  void theComposedFilesOfATaskAreListed() throws Exception {
    ApiCaller api = RunningFarm.manager().api();
    var paths = new ArrayList<String>();
    api.get("task/none/output").assertRefused(404, "task-not-found");
    Path blend = CommandScenes.copyOf("shot", folder);
    api.putFile("task/listed/file/shot.blend", Files.readAllBytes(blend)).assertDone();
    api.putFile(
            "task/listed/file/textures/wall.png",
            Files.readAllBytes(folder.resolve("textures/wall.png")))
        .assertDone();
    api.put("task/listed/config", ApiCaller.json("project", "shot.blend", "frame", 12))
        .assertDone();
    api.post("task/listed/run").assertDone();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Stream.of("COMPLETED", "ERROR").toList().contains(state(api, "listed")));

    JsonNode files = api.get("task/listed/output").data();
    files.forEach(file -> paths.add(file.get("path").asString()));
    assertThat(paths).containsExactly("shot_0012.png");
    assertThat(api.get("task/listed/output/shot_0012.png").body())
        .isEqualTo(api.get("task/listed/status/result/compose").body());
    api.delete("task/listed").assertDone();
  }
}
