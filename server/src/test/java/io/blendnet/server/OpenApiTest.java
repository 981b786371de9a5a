package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.ResultKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The descriptions of the API, for programs and for people, against what is served. */
class OpenApiTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "api.md");

  @TempDir static Path folder;
  private static TestingServer server;
  private static JsonNode description;
  private static String page;

  @BeforeAll
  static void start() throws Exception {
    server = new TestingServer(folder, new TestingWork());
    server.tasks.create(new TaskName("a"));
    description = server.curl().call("openapi.json").json();
    page = Files.readString(DOCUMENT);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static List<ApiRoute> routes() throws IOException {
    List<ApiRoute> routes = new ArrayList<>();
    routes.addAll(new TaskEndpoints(new TestingTasks(Path.of("unused"))).routes());
    routes.addAll(new InfoEndpoints(new TestingFacts(Path.of("unused")), new LogBuffer()).routes());
    routes.addAll(new TestingWork().routes());
    routes.addAll(new OpenApiEndpoint("test", List.of()).routes());
    return routes;
  }

  static Stream<ApiRoute> publishedRoutes() throws IOException {
    return routes().stream().filter(route -> !route.path().equals("slow"));
  }

  @ParameterizedTest
  @MethodSource("routes")
  void everyEndpointIsDescribed(ApiRoute route) {
    JsonNode operation =
        description
            .path("paths")
            .path("/api/v1/" + route.path().replace("+}", "}"))
            .path(route.method().name().toLowerCase(Locale.ROOT));

    assertThat(operation.path("summary").asString("")).isEqualTo(route.summary());
    assertThat(operation.path("responses").has("200")).isTrue();
    assertThat(operation.has("requestBody")).isEqualTo(route.body().isPresent());
  }

  @ParameterizedTest
  @MethodSource("publishedRoutes")
  void everyEndpointStandsInTheDocument(ApiRoute route) {
    assertThat(page).contains("`" + route.method() + " " + route.path().replace("+}", "}"));
  }

  @ParameterizedTest
  @EnumSource
  void everyErrorCodeStandsInTheDocument(ErrorCode code) {
    assertThat(page.lines())
        .anyMatch(line ->
            line.startsWith("|")
                && line.contains("`" + code.label() + "`")
                && line.contains("| " + code.status() + " |"));
  }

  @Test
  void theDescriptionIsOfTheRightVersionAndIdsAreUnique() {
    assertThat(description.path("openapi").asString()).isEqualTo("3.1.0");
    List<String> ids = new ArrayList<>();
    description
        .path("paths")
        .valueStream()
        .flatMap(JsonNode::valueStream)
        .forEach(operation -> ids.add(operation.path("operationId").asString()));
    assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(20);
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    assertThat(description.findValuesAsString("$ref"))
        .isNotEmpty()
        .allSatisfy(reference ->
            assertThat(description.at(reference.substring(1)).isMissingNode())
                .as(reference)
                .isFalse());
  }

  @Test
  void theExamplesOfTheDocumentWork() throws Exception {
    Path project = Files.createDirectories(folder.resolve("project"));
    Files.createDirectory(project.resolve("textures"));
    Files.writeString(project.resolve("scene.blend"), "scene");
    Files.writeString(project.resolve("textures/wood.png"), "wood");
    Files.copy(folder.resolve("ca/ca.crt"), project.resolve("ca.crt"));
    Path picture = Files.writeString(folder.resolve("picture.png"), "picture");
    server.tasks.putResult(
        new TaskName("shot-7"),
        ResultKind.COMPOSE,
        ResultFile.withSha1(picture, 7, FileChecksum.SHA_1.of(picture), "image/png"));
    String script =
        Pattern.compile("(?s)```sh\n(.*?)```")
            .matcher(page)
            .results()
            .limit(2)
            .map(block -> block.group(1))
            .collect(Collectors.joining("\n"))
            .replace("https://localhost:8443", server.address().toString());
    var shell =
        new ProcessBuilder("bash", "-eu", "-c", script)
            .directory(project.toFile())
            .redirectErrorStream(true);
    shell.environment().put("NAME", server.credentials.user());
    shell.environment().put("PASSWORD", server.credentials.password().reveal());

    Process process = shell.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("\"success\":true").doesNotContain("\"success\":false");
    assertThat(project.resolve("shot-7.png")).hasContent("picture");
    assertThat(server.tasks.content(new TaskName("shot-7"), "textures/wood.png"))
        .asString()
        .isEqualTo("wood");
    assertThat(server.tasks.config(new TaskName("shot-7")).orElseThrow().frame()).contains(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"info", "status", "task/a", "task/a/status"})
  void anAnswerHasTheMembersThatAreDescribed(String path) throws Exception {
    JsonNode data = server.curl().call(path).json().path("data");
    JsonNode schema =
        description
            .path("paths")
            .path("/api/v1/" + path.replace("/a", "/{name}"))
            .at("/get/responses/200/content/application~1json/schema/properties/data");

    assertMembers(data, schema);
  }

  private static void assertMembers(JsonNode value, JsonNode schema) {
    JsonNode resolved =
        schema.has("$ref")
            ? description.at(schema.path("$ref").asString().substring(1))
            : schema.has("anyOf") ? schema.path("anyOf").get(0) : schema;
    if (resolved.has("$ref")) {
      assertMembers(value, resolved);
      return;
    }
    if (!value.isObject() || !resolved.has("properties")) {
      return;
    }
    List<String> described = new ArrayList<>(resolved.path("properties").propertyNames());
    // Stands only where there is an error.
    described.remove("state_error_info");
    assertThat(value.propertyNames()).containsExactlyInAnyOrderElementsOf(described);
    for (String name : described) {
      assertMembers(value.path(name), resolved.path("properties").path(name));
    }
  }
}
