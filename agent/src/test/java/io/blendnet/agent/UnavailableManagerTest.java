package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.protocol.ManagerIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dead man's switch for real, with an agent that waits for two seconds. */
@Timeout(120) // as a guard against hanging
class UnavailableManagerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  @TempDir Path folder;
  private TestingAgent agent;
  private CompletableFuture<String> end;

  @BeforeEach
  void startAgent() throws Exception {
    agent =
        TestingAgent.startUnattached(
            folder, TestingScene.blender(), AgentLimits.DEFAULT.withUnavailable(TIMEOUT));
    end = agent.server().endAsked().toCompletableFuture();
  }

  @AfterEach
  void stopAgent() {
    agent.close();
  }

  @Test
  void anAgentWhoseManagerIsGoneWantsToEnd() throws Exception {
    var _ = agent.client().attach();
    var _ = agent.client().reports(0, TIMEOUT.multipliedBy(3));
    assertThat(end).as("while a call lasts").isNotDone();

    assertThat(end.get(30, TimeUnit.SECONDS))
        .isEqualTo("No Manager has talked to this agent for 2 s (unavailable-timeout)");
  }

  @Test
  void aManagerThatIsRefusedDoesNotKeepTheAgent() throws Exception {
    var _ = agent.client().attach();
    try (AgentClient stranger = agent.clientOf(new ManagerIdentity("other-farm", 1, "start"))) {
      while (!end.isDone()) {
        assertThatThrownBy(() -> stranger.reports(0, Duration.ZERO))
            .isInstanceOf(FarmException.Refused.class);
      }
    }
  }

  @Test
  void aTaskOfItsOwnKeepsTheAgent() throws Exception {
    Path blend = TestingScene.make().blend();
    agent.curl(
        "task/mine/file/scene.blend",
        "--upload-file",
        blend.toString(),
        "--header",
        "X-Checksum-Sha1: " + FileChecksum.SHA_1.of(blend));
    agent.curl(
        "task/mine/config",
        "--request",
        "PUT",
        "--data",
        "{\"project\": \"scene.blend\", \"samples\": 2000000}");
    agent.curl("task/mine/run", "--request", "POST");

    await()
        .during(TIMEOUT.multipliedBy(2))
        .atMost(TIMEOUT.multipliedBy(4))
        .until(() -> !end.isDone());
    agent.curl("task/mine/stop", "--request", "POST");

    assertThat(end.get(30, TimeUnit.SECONDS)).contains("unavailable-timeout");
  }
}
