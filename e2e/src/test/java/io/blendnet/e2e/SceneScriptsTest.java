package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Strategy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a task whose submitter trusts the scene's scripts. */
class SceneScriptsTest {
  @TempDir private Path folder;

  @Test
  void itRendersWhereAgentsHaveASandbox() throws Exception {
    List<String> settings = List.of("scene-sandbox = required");
    try (TestingFarm farm = TestingFarm.start(folder, 1, settings)) {
      FarmTask task = farm.prepare("trusted", "fixed", 1, Strategy.TILES, true);
      task.run();
      task.awaitCompleted();
      assertThat(farm.log(0)).anyMatch(line -> line.contains("Blender runs in a sandbox"));
    }
  }

  @Test
  void itEndsWithTheReasonWhereNoAgentHasOneAndOthersRender() throws Exception {
    List<String> settings = List.of("scene-sandbox = off");
    try (TestingFarm farm = TestingFarm.start(folder, 2, settings)) {
      FarmTask trusted = farm.prepare("trusted", "fixed", 1, Strategy.TILES, true);
      trusted.run();
      assertThat(trusted.awaitError())
          .contains("Agent agent-", "scripts may not run here", "scene-scripts = unconfined");
      farm.run("plain", "fixed", 1, Strategy.TILES).awaitCompleted();
      assertThat(farm.log(0))
          .filteredOn(line -> line.contains("Blender runs without a sandbox"))
          .hasSize(1);
    }
  }
}
