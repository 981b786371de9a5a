package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.PrivateFiles;
import io.blendnet.server.CannotListenException;
import io.blendnet.server.LogBuffer;
import io.blendnet.storage.spi.FolderInUseException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentServerTest {
  private static final Cell CELL =
      new Cell(new Tile(0, 0, 32, 32), new SampleRange(0, TestingScene.SAMPLES));

  @TempDir Path folder;
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
  void twoAgentsDoNotShareADataFolder() throws Exception {
    assertThatThrownBy(() -> start(agent.data(), 0))
        .isInstanceOf(FolderInUseException.class)
        .hasMessageContaining(agent.data().toString());
  }

  @Test
  void aTakenPortIsSaidAndLeavesTheDataFolderFree() throws Exception {
    Path other = folder.resolve("other");
    assertThatThrownBy(() -> start(other, agent.port()))
        .isInstanceOf(CannotListenException.class)
        .hasMessageContaining(Integer.toString(agent.port()));

    try (AgentServer second = start(other, 0)) {
      assertThat(second.port()).isNotEqualTo(agent.port());
    }
    assertThat(PrivateFiles.isPrivate(other)).isTrue();
  }

  @Test
  void aSceneStaysOpenFromLeaseToLeaseUntilAnotherOneIsWanted() throws Exception {
    SceneOrder scene = agent.upload(TestingScene.make(), Optional.empty());
    SceneOrder other = agent.upload(TestingScene.make(), Optional.of(4));
    agent.lease(1, scene, new WorkStep.Open(), TestingAgent.render(0, CELL));
    agent.lease(2, scene, TestingAgent.render(0, CELL));
    agent.lease(3, other, new WorkStep.Open());
    agent.lease(4, scene, TestingAgent.render(0, CELL));

    agent.awaitCell(4, 0);

    assertThat(agent.reports())
        .filteredOn(WorkReport.Activity.class::isInstance)
        .map(WorkReport.Activity.class::cast)
        .filteredOn(activity -> activity.text().equals("Loading the scene"))
        .extracting(WorkReport.Activity::lease)
        .as("those after the first may have been opened ahead")
        .contains(1L)
        .doesNotContain(2L);
    assertThat(agent.awaitReport(WorkReport.Opened.class, opened -> opened.lease() == 3).facts())
        .extracting(facts -> facts.samples())
        .isEqualTo(4);
  }

  @Test
  void aFullDiskIsNamedWithItsFolder() {
    assertThat(DiskSpace.shortage(folder, 5 << 20).orElseThrow())
        .contains(folder.toString())
        .contains("5 MB");
    assertThat(DiskSpace.shortage(folder, 1L << 40)).isEmpty();
  }

  private AgentServer start(Path data, int port) throws IOException {
    return AgentServer.start(
        new AgentOptions(
            new AgentName("second"),
            "127.0.0.1",
            port,
            FarmAuthority.openOrCreate(folder.resolve("authority"))
                .issue("second", List.of("127.0.0.1")),
            Credentials.generate("manager"),
            data,
            1,
            TestingScene.blender(),
            AgentLimits.DEFAULT,
            ScenePolicy.DEFAULT,
            "1.2.3"),
        new LogBuffer());
  }
}
