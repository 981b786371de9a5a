package io.blendnet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.Tile;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The exact JSON of every wire record: published clients and other versions depend on it. */
class WireJsonTest {
  private static final TaskInfo TASK =
      new TaskInfo(
          "shot 7",
          Instant.ofEpochSecond(1_700_000_000L, 900_000_000),
          Optional.of(Instant.ofEpochSecond(1_700_000_010L)),
          Optional.empty(),
          TaskState.RUNNING,
          Optional.of(7),
          0.25,
          -5,
          false,
          Optional.empty(),
          Optional.empty());

  private static final SceneOrder SCENE =
      new SceneOrder(
          "project/a.blend",
          Optional.of("/home/me"),
          Optional.empty(),
          Map.of("project/a.blend", "ab".repeat(32)),
          Optional.of(64),
          Optional.empty(),
          true,
          false);

  static Stream<Example> examples() {
    return Stream.of(
        new Example(
            TASK,
            """
            {"name":"shot 7","create_time":1700000000,"start_time":1700000010,"end_time":null,
             "state":"RUNNING","frame":7,"done":0.25,"priority":-5,"paused":false,
             "waiting":null}\
            """),
        new Example(
            new TaskInfo(
                "a",
                Instant.ofEpochSecond(1),
                Optional.empty(),
                Optional.of(Instant.ofEpochSecond(2)),
                TaskState.ERROR,
                Optional.empty(),
                0,
                100,
                true,
                Optional.of("it is paused"),
                Optional.of("No camera")),
            """
            {"name":"a","create_time":1,"start_time":null,"end_time":2,"state":"ERROR",
             "frame":null,"done":0.0,"priority":100,"paused":true,"waiting":"it is paused",
             "state_error_info":"No camera"}\
            """),
        new Example(
            new TaskStatus(
                TASK,
                Optional.of("a.blend"),
                Optional.of(64),
                Optional.empty(),
                16,
                Optional.of(Duration.ofMillis(1500)),
                new TaskResults(Optional.of("11".repeat(20)), Optional.empty(), Optional.empty()),
                Optional.of("C:\\out\\a.png"),
                Optional.of(Instant.ofEpochSecond(1_700_000_011L)),
                Optional.of(4),
                new TaskProgress(
                    "Rendering",
                    Optional.of("tiles"),
                    "Adaptive sampling",
                    3,
                    12,
                    List.of(new TaskProgress.AgentShare("one", 0.25, 3, "Building BVH")),
                    List.of())),
            """
            {"name":"shot 7","create_time":1700000000,"start_time":1700000010,"end_time":null,
             "state":"RUNNING","frame":7,"done":0.25,"priority":-5,"paused":false,
             "waiting":null,"project":"a.blend","samples":64,"seed":null,
             "samples_done":16,"remaining":1.5,
             "result":{"preview":"1111111111111111111111111111111111111111","render":null,
                       "compose":null},
             "compose_filepath":"C:\\\\out\\\\a.png","start_time_actual":1700000011,
             "samples_per_workload":4,
             "progress":{"phase":"Rendering","strategy":"tiles","reason":"Adaptive sampling",
                         "cells_stored":3,"cells":12,
                         "agents":[{"agent":"one","done":0.25,"cells_stored":3,
                                    "activity":"Building BVH"}],
                         "warnings":[]}}\
            """),
        new Example(new TaskPriority(-100), "{\"priority\":-100}"),
        new Example(
            new FileInfo(
                "tex/a.png",
                new BlobInfo(
                    "22".repeat(20), 5, Instant.ofEpochSecond(1), Instant.ofEpochSecond(2))),
            """
            {"id":"2222222222222222222222222222222222222222","path":"tex/a.png",
             "blob":{"id":"2222222222222222222222222222222222222222","size":5,"create_time":1,
                     "access_time":2}}\
            """),
        new Example(
            new ServerInfo(
                "Agent",
                "0.1",
                new ServerInfo.Platform("Linux", "x86_64", "box", "Debian", "Xeon"),
                Optional.of(
                    new ServerInfo.BlenderInfo(
                        new BlenderVersion(3, 4, 1), "3.4.1", "2022-12-20"))),
            """
            {"engine":"Agent","version":"0.1",
             "platform":{"system":"Linux","arch":"x86_64","name":"box","details":"Debian",
                         "cpu":"Xeon"},
             "blender":{"version":"3.4.1","version_string":"3.4.1","build_date":"2022-12-20"}}\
            """),
        new Example(
            new ServerStatus(
                List.of(0.5, 0.25, 0.125),
                new ServerStatus.Memory(1000, 200, 300),
                new ServerStatus.Disk(5000, 4000),
                List.of("shot 7"),
                false,
                Optional.of("The disk is full")),
            """
            {"load":[0.5,0.25,0.125],
             "memory":{"MemTotal":1000,"MemFree":200,"MemAvailable":300},
             "disk":{"total":5000,"available":4000},"running":["shot 7"],"terminating":false,
             "trouble":"The disk is full"}\
            """),
        new Example(
            new ResourceInfo(
                new ResourceInfo.ManagerMachine(
                    "1",
                    "manager",
                    Optional.empty(),
                    Optional.of("10.0.0.1"),
                    Optional.of("local"),
                    true,
                    false,
                    Optional.of("2026-01-02T03:04:05Z")),
                Map.of(
                    "one",
                    new ResourceInfo.AgentMachine(
                        "one",
                        true,
                        Optional.empty(),
                        Optional.of("127.0.0.1"),
                        Optional.empty(),
                        Optional.empty(),
                        true,
                        false,
                        Optional.empty(),
                        Optional.empty()))),
            """
            {"manager":{"id":"1","name":"manager","ip":null,"internal_ip":"10.0.0.1",
                        "type":"local","started":true,"stopped":false,
                        "created":"2026-01-02T03:04:05Z"},
             "agents":{"one":{"name":"one","active":true,"id":null,"ip":"127.0.0.1",
                              "internal_ip":null,"type":null,"started":true,"stopped":false,
                              "created":null,"error":null}}}\
            """),
        new Example(
            new AgentConfig("10.0.0.2", 9443, "me", "secret", Optional.empty(), Optional.of(true)),
            """
            {"address":"10.0.0.2","port":9443,"auth_user":"me","auth_password":"secret",
             "ca":null,"rented":true}\
            """),
        new Example(
            new AttachedAgent(
                "boot-1",
                2,
                8L << 30,
                Optional.of(new BlenderVersion(3, 4, 1)),
                7,
                List.of(new HeldLease("shot 7", 12, 1, List.of(0, 3))),
                true),
            """
            {"boot":"boot-1","cores":2,"memory":8589934592,"blender":"3.4.1","last_report":7,
             "leases":[{"task":"shot 7","lease":12,"attempt":1,"cells":[0,3]}],
             "terminating":true}\
            """),
        new Example(
            new StealOrder(1, List.of(2, 3)),
            """
            {"attempt":1,"cells":[2,3]}\
            """),
        new Example(
            new StolenCells(List.of(3)),
            """
            {"cells":[3]}\
            """),
        new Example(
            new BlobOffers(List.of(new BlobOffer("ab".repeat(32), 4_294_967_296L))),
            """
            {"blobs":[
              {"sha256":"abababababababababababababababababababababababababababababababab",
               "size":4294967296}]}\
            """),
        new Example(
            new BlobsMissing(List.of(new MissingBlob("ab".repeat(32), 1_048_576))),
            """
            {"missing":[
              {"sha256":"abababababababababababababababababababababababababababababababab",
               "received":1048576}]}\
            """),
        new Example(new PackReceipt(3), "{\"stored\":3}"),
        new Example(
            new TaskFiles(List.of(new TaskFile("//tex/a.png", "ab".repeat(32)))),
            """
            {"files":[
              {"path":"//tex/a.png",
               "sha256":"abababababababababababababababababababababababababababababababab"}]}\
            """),
        new Example(
            new LeaseOrder(
                "farm",
                "shot 7",
                12,
                1,
                7,
                SCENE,
                List.of(
                    new WorkStep.Open(),
                    new WorkStep.Render(
                        0, new Cell(new Tile(0, 8, 64, 32), new SampleRange(0, 4)), 4, true),
                    new WorkStep.Compose("cd".repeat(32)))),
            """
            {"farm":"farm","task":"shot 7","lease":12,"attempt":1,"frame":7,
             "scene":{"project":"project/a.blend","project_path":"/home/me","working_path":null,
                      "files":{"project/a.blend":
                        "abababababababababababababababababababababababababababababababab"},
                      "samples":64,"seed":null,"use_compositor":true,"trust_scripts":false},
             "steps":[{"kind":"open"},
                      {"kind":"render","number":0,
                       "cell":{"tile":{"x":0,"y":8,"width":64,"height":32},
                               "samples":{"first":0,"end":4}},
                       "overscan":4,"exact_pattern":true},
                      {"kind":"compose","frame_blob":
                        "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}]}\
            """),
        new Example(
            new ReportPage(
                "boot-1",
                8,
                List.of(
                    new WorkReport.Activity("t", 1, 2, "Building BVH", Optional.of(0)),
                    new WorkReport.Opened(
                        "t",
                        1,
                        2,
                        new SceneFacts(
                            "CYCLES",
                            new BlenderVersion(4, 5, 3),
                            new FrameSize(64, 36),
                            8,
                            false,
                            List.of(),
                            List.of("Denoising"),
                            false,
                            List.of(),
                            List.of("View Layer.Debug Sample Count"),
                            ".png")),
                    new WorkReport.Rendered(
                        "t",
                        1,
                        2,
                        0,
                        new Tile(0, 4, 68, 40),
                        new WorkReport.DeliveryInfo("d1", 10, "ab".repeat(32)),
                        new CellTimings(
                            Duration.ofMillis(20),
                            Duration.ofSeconds(3),
                            Duration.ofNanos(4_500_000),
                            Duration.ZERO),
                        Optional.empty()),
                    new WorkReport.Composed(
                        "t",
                        1,
                        2,
                        List.of(
                            new WorkReport.ComposedFile(
                                "a0007.png",
                                "image/png",
                                new WorkReport.DeliveryInfo("d2", 11, "cd".repeat(32)))),
                        List.of()),
                    new WorkReport.Failed(
                        "t", 1, 2, Optional.empty(), FailureKind.SCENE, "No camera", List.of("x")),
                    new WorkReport.Messages("t", 1, 2, List.of("Fra:7")),
                    new WorkReport.Returned("t", 1, 2, List.of(4, 5)),
                    new WorkReport.Terminating(
                        "The machine is taken away", Duration.ofSeconds(30)))),
            """
            {"boot":"boot-1","last":8,"reports":[
             {"kind":"activity","task":"t","lease":1,"attempt":2,"text":"Building BVH","cell":0},
             {"kind":"opened","task":"t","lease":1,"attempt":2,
              "facts":{"engine":"CYCLES","blender":"4.5.3","size":{"width":64,"height":36},
                       "samples":8,"adaptive":false,"tile_obstacles":[],
                       "sample_obstacles":["Denoising"],"pattern_depends_on_range":false,"warnings":[],
                       "added_passes":["View Layer.Debug Sample Count"],
                       "file_extension":".png"}},
             {"kind":"rendered","task":"t","lease":1,"attempt":2,"cell":0,
              "rendered":{"x":0,"y":4,"width":68,"height":40},
              "delivery":{"id":"d1","size":10,"sha256":
                "abababababababababababababababababababababababababababababababab"},
              "timings":{"sync":0.02,"render":3,"save":0.0045,"read_back":0},"preview":null},
             {"kind":"composed","task":"t","lease":1,"attempt":2,
              "files":[{"path":"a0007.png","content_type":"image/png",
                        "delivery":{"id":"d2","size":11,"sha256":
                "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}}],
              "warnings":[]},
             {"kind":"failed","task":"t","lease":1,"attempt":2,"cell":null,"failure":"SCENE",
              "message":"No camera","lines":["x"]},
             {"kind":"messages","task":"t","lease":1,"attempt":2,"lines":["Fra:7"]},
             {"kind":"returned","task":"t","lease":1,"attempt":2,"cells":[4,5]},
             {"kind":"terminating","reason":"The machine is taken away","left":30}]}\
            """));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aRecordHasExactlyThisJson(Example example) throws Exception {
    JsonNode expected = WireJson.readTree(example.json().getBytes(StandardCharsets.UTF_8));

    // As text, so that 3 and 3.0 differ.
    assertThat(new String(WireJson.write(example.value()), StandardCharsets.UTF_8))
        .isEqualTo(expected.toString());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aRecordReadsItsOwnJson(Example example) throws Exception {
    Object read =
        WireJson.read(example.json().getBytes(StandardCharsets.UTF_8), example.value().getClass());

    assertThat(text(read))
        .isEqualTo(WireJson.readTree(example.json().getBytes(StandardCharsets.UTF_8)).toString());
  }

  @Test
  void theEnvelopeOfASuccessHasNothingElse() {
    assertThat(text(Answer.of(new BlobsMissing(List.of()))))
        .isEqualTo(
            """
            {"success":true,"message":"","data":{"missing":[]}}\
            """);
    assertThat(text(Answer.done("Removed")))
        .isEqualTo(
            """
            {"success":true,"message":"Removed","data":null}\
            """);
  }

  @Test
  void theEnvelopeOfAFailureCarriesTheProblemDetails() {
    assertThat(text(Problem.of(ErrorCode.TASK_NOT_FOUND, "There is no task 'a'")))
        .isEqualTo(
            """
            {"success":false,"message":"There is no task 'a'","data":null,\
            "type":"urn:blendnet:error:task-not-found","title":"No such task","status":404,\
            "detail":"There is no task 'a'"}\
            """);
    assertThat(
            text(
                Problem.of(ErrorCode.ENDPOINT_NOT_FOUND, "No")
                    .withEndpoints(List.of("/api/v1/info"))))
        .contains("\"endpoints\":[\"/api/v1/info\"]");
  }

  @Test
  void membersThatANewerServerAddsArePassedOver() throws Exception {
    assertThat(read("{\"missing\":[],\"brand_new\":{\"a\":1}}", BlobsMissing.class).missing())
        .isEmpty();
  }

  @Test
  void absentOptionalMembersReadAsAbsent() throws Exception {
    AgentConfig config =
        read(
            """
            {"address":"a","port":1,"auth_user":"u","auth_password":"p"}\
            """,
            AgentConfig.class);

    assertThat(config.ca()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"address\":\"a\",\"auth_user\":\"u\",\"auth_password\":\"p\"}",
        "{\"address\":\"a\",\"port\":null,\"auth_user\":\"u\",\"auth_password\":\"p\"}",
        "{\"address\":\"a\",\"port\":\"9443\",\"auth_user\":\"u\",\"auth_password\":\"p\"}",
        "{\"address\":\"a\",\"port\":1.5,\"auth_user\":\"u\",\"auth_password\":\"p\"}",
        "{\"address\":\"a\",\"port\":99999,\"auth_user\":\"u\",\"auth_password\":\"p\"}"
      })
  void aMissingOrWrongMemberIsNamed(String json) {
    assertThatThrownBy(() -> read(json, AgentConfig.class))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageContaining("port")
        .hasMessageNotContaining("io.blendnet");
  }

  @Test
  void aMissingListIsAnErrorAndNotNull() {
    assertThatThrownBy(() -> read("{}", BlobsMissing.class))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void aValueThatADomainTypeRefusesIsNamedWithItsPath() {
    String json =
        """
        {"kind":"render","number":0,"overscan":4,"exact_pattern":true,
         "cell":{"tile":{"x":-1,"y":0,"width":1,"height":1},"samples":{"first":0,"end":1}}}\
        """;

    assertThatThrownBy(() -> read(json, WorkStep.class))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageContaining("cell.tile")
        .hasMessageContaining("No such tile");
  }

  @Test
  void anUnknownKindOfReportIsAnError() {
    assertThatThrownBy(() -> read("{\"kind\":\"other\"}", WorkReport.class))
        .isInstanceOf(InvalidFieldException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{} {}", "nonsense", "{\"a\":1,\"a\":2}", "null"})
  void whatIsNoJsonObjectIsRefused(String json) {
    assertThatThrownBy(() -> read(json, BlobsMissing.class))
        .isInstanceOfAny(MalformedJsonException.class, InvalidFieldException.class);
  }

  @Test
  void deepNestingIsRefused() {
    String json = "{\"missing\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

    assertThatThrownBy(() -> read(json, BlobsMissing.class))
        .isInstanceOf(MalformedJsonException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e999999999", "-1e999999999", "99999999999999999999"})
  void absurdNumbersAreRefusedAtOnce(String number) {
    String json = "{\"id\":\"a\",\"size\":1,\"create_time\":" + number + ",\"access_time\":1}";

    assertThatThrownBy(() -> read(json, BlobInfo.class)).isInstanceOf(Exception.class);
  }

  @Test
  void aStrategyIsWrittenByItsLabel() {
    assertThat(text(Map.of("strategy", Strategy.AUTO))).isEqualTo("{\"strategy\":\"auto\"}");
  }

  @Test
  void passwordsDoNotShowInText() {
    assertThat(new AgentConfig("a", 1, "u", "hush", Optional.empty(), Optional.empty()).toString())
        .doesNotContain("hush");
  }

  private static String text(Object value) {
    return new String(WireJson.write(value), StandardCharsets.UTF_8);
  }

  private static <T> T read(String json, Class<T> type) throws Exception {
    return WireJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }

  record Example(Object value, String json) {
    @Override
    public String toString() {
      return value.getClass().getSimpleName();
    }
  }
}
