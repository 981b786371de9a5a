package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.WireJson;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An agent alone, with nothing but curl. */
class StandAloneTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path folder;
  private final TestingScene scene = TestingScene.make();
  private TestingAgent agent;

  @BeforeEach
  void startAgent() throws Exception {
    agent = TestingAgent.start(folder);
  }

  @AfterEach
  void stopAgent() {
    agent.close();
  }

  @Test
  void aUserWithCurlGetsPreviewRenderAndPicture() throws Exception {
    upload("My frame");
    configure("My frame", "");
    JsonNode ready = data(curl("task/My%20frame"));
    assertThat(ready.get("state").stringValue()).isEqualTo("CREATED");
    assertThat(ready.get("frame").intValue()).isEqualTo(1);
    assertThat(curl("task/My%20frame/run").get("success").booleanValue()).isTrue();

    JsonNode status = awaitState("My frame", "COMPLETED");

    assertThat(status.get("done").doubleValue()).isEqualTo(1.0);
    assertThat(status.get("samples_done").intValue()).isEqualTo(TestingScene.SAMPLES);
    assertThat(status.get("samples").intValue()).isEqualTo(TestingScene.SAMPLES);
    assertThat(status.get("project").stringValue()).isEqualTo("scene.blend");
    assertThat(status.get("compose_filepath").stringValue()).isEqualTo("//out/####.png");
    for (String kind : new String[] {"preview", "render", "compose"}) {
      Path file = folder.resolve(kind);
      agent.curl("task/My%20frame/status/result/" + kind, "--output", file.toString(), "--fail");
      assertThat(sha1(file)).isEqualTo(status.get("result").get(kind).stringValue());
    }
    assertThat(ImageIO.read(folder.resolve("compose").toFile()).getWidth())
        .isEqualTo(TestingScene.WIDTH);
    assertThat(ImageIO.read(folder.resolve("preview").toFile()).getHeight())
        .isEqualTo(TestingScene.HEIGHT);
    assertThat(Files.readAllBytes(folder.resolve("render"))).startsWith(0x76, 0x2f, 0x31, 0x01);
    int green = ImageIO.read(folder.resolve("compose").toFile()).getRGB(32, 18) >> 8 & 0xff;
    assertThat(green).as("the texture outside the project").isGreaterThan(150);
    assertThat(data(curl("task/My%20frame/messages")).isObject()).isTrue();
    assertThat(data(curl("task/My%20frame/details")).isEmpty()).isFalse();
    assertThat(data(curl("status")).get("running").isEmpty()).isTrue();
  }

  @Test
  void aTaskThatHasRunCannotBeChangedAndIsRemovedWithItsFiles() throws Exception {
    upload("done");
    configure("done", "");
    curl("task/done/run");
    awaitState("done", "COMPLETED");

    assertThat(upload("done", scene.blend(), "other.blend").get("status").intValue())
        .isEqualTo(409);
    assertThat(configure("done", ", \"samples\": 3").get("status").intValue()).isEqualTo(409);
    assertThat(curl("task/done/run").get("status").intValue()).isEqualTo(409);
    assertThat(curl("task/done/stop").get("status").intValue()).isEqualTo(409);
    assertThat(curl("task/done", "-X", "DELETE").get("success").booleanValue()).isTrue();
    assertThat(curl("task/done").get("status").intValue()).isEqualTo(404);
    assertThat(data(curl("task")).isEmpty()).isTrue();
  }

  @Test
  void aTaskIsNotRunBeforeItIsComplete() throws Exception {
    upload("half", scene.texture(), "texture.png");
    assertThat(curl("task/half/run").get("status").intValue()).isEqualTo(422);
    configure("half", "");

    JsonNode refused = curl("task/half/run");

    assertThat(refused.get("status").intValue()).isEqualTo(422);
    assertThat(refused.get("message").stringValue()).contains("scene.blend");
    assertThat(data(curl("task/half")).get("state").stringValue()).isEqualTo("CREATED");
    assertThat(curl("task/unknown/run").get("status").intValue()).isEqualTo(404);
  }

  @Test
  void aFileWithAWrongChecksumCreatesNoTask() throws Exception {
    JsonNode refused =
        WireJson.readTree(
            agent
                .curl(
                    "task/wrong/file/scene.blend",
                    "-X",
                    "PUT",
                    "-H",
                    "X-Checksum-Sha1: " + "0".repeat(40),
                    "--data-binary",
                    "@" + scene.blend())
                .getBytes(StandardCharsets.UTF_8));

    assertThat(refused.get("success").booleanValue()).isFalse();
    assertThat(curl("task/wrong").get("status").intValue()).isEqualTo(404);
  }

  @Test
  void aStoppedTaskKeepsItsSamplesAndGoesOn() throws Exception {
    upload("long");
    configure("long", ", \"samples\": 3000");
    curl("task/long/run");
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> agent.client().status(new TaskName("long")).samplesDone() > 0);

    assertThat(curl("task/long/stop").get("success").booleanValue()).isTrue();
    JsonNode stopped = data(curl("task/long/status"));
    assertThat(stopped.get("state").stringValue()).isEqualTo("STOPPED");
    int kept = stopped.get("samples_done").intValue();
    assertThat(kept).isPositive().isLessThan(3000);
    assertThat(curl("task/long/stop").get("success").booleanValue()).isTrue();
    assertThat(curl("task/long/run").get("success").booleanValue()).isTrue();
    assertThat(data(curl("task/long/status")).get("samples_done").intValue())
        .isGreaterThanOrEqualTo(kept);
    JsonNode completed = awaitState("long", "COMPLETED");
    assertThat(completed.get("samples_done").intValue()).isEqualTo(3000);
    assertThat(workOf(data(curl("task/long/details"))))
        .as("every cell is in the frame once")
        .isEqualTo(3000L * TestingScene.WIDTH * TestingScene.HEIGHT);
  }

  @Test
  void aPausedTaskWaitsAndSaysSoUntilItIsResumed() throws Exception {
    TaskName name = new TaskName("held");
    upload("held");
    configure("held", ", \"samples\": 3000");
    curl("task/held/run");
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        // The first cell of two: the other one is not to begin.
        .until(() ->
            agent.client().status(name).progress().agents().stream()
                .anyMatch(share -> share.activity().startsWith("Rendering")));

    agent.client().pause(name);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> agent.client().task(name).waiting().isPresent());
    JsonNode paused = data(curl("task/held/status"));
    assertThat(paused.get("state").stringValue()).isEqualTo("PENDING");
    assertThat(paused.get("paused").booleanValue()).isTrue();
    assertThat(paused.get("waiting").stringValue()).isEqualTo("paused by the user");
    assertThat(paused.get("progress").get("phase").stringValue()).isEqualTo("Paused");
    assertThat(paused.get("samples_done").intValue()).isPositive().isLessThan(3000);
    agent.client().resume(name);

    JsonNode completed = awaitState("held", "COMPLETED");
    assertThat(completed.get("paused").booleanValue()).isFalse();
    assertThat(workOf(data(curl("task/held/details"))))
        .as("every cell is in the frame once")
        .isEqualTo(3000L * TestingScene.WIDTH * TestingScene.HEIGHT);
  }

  @Test
  void theTaskOfHigherPriorityIsRenderedFirst() throws Exception {
    for (String task : new String[] {"first", "second", "urgent"}) {
      upload(task);
      configure(task, task.equals("urgent") ? ", \"priority\": 5" : "");
      agent.client().pause(new TaskName(task));
      curl("task/" + task + "/run");
    }
    agent.client().prioritize(new TaskName("first"), new TaskPriority(-5));
    assertThat(agent.client().task(new TaskName("first")).priority()).isEqualTo(-5);
    for (String task : new String[] {"urgent", "first", "second"}) {
      agent.client().resume(new TaskName(task));
    }

    awaitState("first", "COMPLETED");

    assertThat(agent.client().task(new TaskName("second")).state())
        .as("the second was to be done before the first")
        .isEqualTo(TaskState.COMPLETED);
    assertThat(agent.client().task(new TaskName("urgent")).state()).isEqualTo(TaskState.COMPLETED);
  }

  @Test
  void aSceneThatCannotBeOpenedEndsTheTaskWithTheReason() throws Exception {
    Path text = Files.writeString(folder.resolve("text.blend"), "This is no scene");
    upload("broken", text, "scene.blend");
    configure("broken", "");
    curl("task/broken/run");

    JsonNode failed = awaitState("broken", "ERROR");

    assertThat(failed.get("state_error_info").stringValue()).isNotBlank();
    assertThat(curl("task/broken/pause", "-X", "POST").get("status").intValue()).isEqualTo(409);
    assertThat(curl("task/broken/run").get("success").booleanValue())
        .as("it may have been mended meanwhile")
        .isTrue();
    awaitState("broken", "ERROR");
  }

  private static long workOf(JsonNode details) {
    long work = 0;
    for (JsonNode lease : details) {
      for (JsonNode cell : lease) {
        JsonNode samples = cell.get("samples");
        work +=
            cell.get("tile").get("width").longValue()
                * cell.get("tile").get("height").longValue()
                * (samples.get("end").longValue() - samples.get("first").longValue());
      }
    }
    return work;
  }

  private void upload(String task) throws Exception {
    upload(task, scene.blend(), scene.blend().toString());
    upload(task, scene.texture(), scene.texture().toString());
  }

  private JsonNode upload(String task, Path file, String path) throws Exception {
    String encoded = path.replace(" ", "%20").replace("ä", "%C3%A4");
    return WireJson.readTree(
        agent
            .curl(
                "task/" + task.replace(" ", "%20") + "/file/" + encoded,
                "--path-as-is",
                "-X",
                "PUT",
                "-H",
                "X-Checksum-Sha1: " + sha1(file),
                "--data-binary",
                "@" + file)
            .getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode configure(String task, String more) throws Exception {
    String config =
        """
        {"project": "scene.blend", "project_path": "%s", "frame": 1,
         "compose_filepath": "//out/####.png"%s}
        """
            .formatted(scene.project(), more);
    return WireJson.readTree(
        agent
            .curl(
                "task/" + task.replace(" ", "%20") + "/config",
                "-X",
                "PUT",
                "-H",
                "Content-Type: application/json",
                "--data-binary",
                config)
            .getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode curl(String path, String... options) throws Exception {
    return WireJson.readTree(agent.curl(path, options).getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode data(JsonNode answer) {
    assertThat(answer.get("success").booleanValue()).as(answer.toString()).isTrue();
    return answer.get("data");
  }

  private JsonNode awaitState(String task, String state) throws Exception {
    TaskName name = new TaskName(task);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !agent.client().task(name).state().isActive());
    JsonNode status = data(curl("task/" + task.replace(" ", "%20") + "/status"));
    assertThat(status.get("state").stringValue()).as(status.toString()).isEqualTo(state);
    return status;
  }

  private static String sha1(Path file) throws Exception {
    byte[] sum = MessageDigest.getInstance("SHA-1").digest(Files.readAllBytes(file));
    return "%040x".formatted(new BigInteger(1, sum));
  }
}
