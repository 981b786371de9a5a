package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.e2e.CommandRoom.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a command is ended, in the middle of a frame: nothing of it goes on, nothing stays. */
class InterruptTest {
  @TempDir private Path folder;
  private CommandRoom room;

  @BeforeEach
  void enter() throws IOException {
    room = CommandRoom.in(folder);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    room.assertNothingLeft();
    assertThat(folder.resolve("pictures")).doesNotExist();
  }

  /** Returns when its agents are rendering. */
  private Running startRendering(String... more) throws IOException {
    Path blend = CommandScenes.copyOf("endless", folder.resolve("project"));
    var arguments = new ArrayList<>(List.of("render", blend.toString()));
    arguments.addAll(List.of("--output", folder.resolve("pictures").toString(), "--json"));
    arguments.addAll(List.of(more));
    return awaitRendering(room.startBlendnet(arguments.toArray(String[]::new)));
  }

  private static Running awaitRendering(Running running) {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() ->
            running.output().contains("\"state\":\"RUNNING\"") || !running.process().isAlive());
    assertThat(running.process().isAlive()).as(running.command()).isTrue();
    return running;
  }

  @Test
  void ctrlCEndsARenderWithItsFarm() throws Exception {
    Running render = startRendering("--agents", "2");
    assertThat(room.processes()).hasSizeGreaterThan(3);

    render.interrupt();

    render.awaitEnd().assertExitCode(130).assertNoFault();
  }

  @Test
  void ctrlCEndsTheDemo() throws Exception {
    Running demo =
        awaitRendering(
            room.startBlendnet(
                "demo",
                "--samples",
                "4096",
                "--json",
                "--output",
                folder.resolve("pictures").toString()));

    demo.interrupt();

    demo.awaitEnd().assertExitCode(130).assertNoFault();
  }

  @Test
  void sigtermEndsARenderWithItsFarm() throws Exception {
    Running render = startRendering();

    render.terminate();

    // 128 + SIGTERM, as shells say it.
    render.awaitEnd().assertExitCode(143).assertNoFault();
  }

  @Test
  void ctrlCBeforeTheFarmIsThereEndsItToo() throws Exception {
    Path blend = CommandScenes.copyOf("endless", folder.resolve("project"));
    Running render =
        room.startBlendnet(
            "render", blend.toString(), "--output", folder.resolve("pictures").toString());
    render.awaitErrors("Opens ");

    render.interrupt();

    render.awaitEnd().assertExitCode(130).assertNoFault();
  }

  @Test
  void aKilledCommandLeavesNoProcessAndTheNextOneTidiesUp() throws Exception {
    Running render = startRendering();

    render.kill();

    assertThat(render.awaitEnd().exitCode()).isNotZero();
    room.assertNoProcessLeft();
    // Nobody was left to remove it.
    assertThat(room.farms()).hasSize(1);
    Files.delete(folder.resolve("pictures"));
    room.blendnet(
            "render",
            folder.resolve("project/endless.blend").toString(),
            "--output",
            folder.resolve("pictures").toString(),
            "--blender",
            "/none")
        .assertExitCode(3);
  }

  @Test
  void ctrlCStopsTheTaskOnAGivenManager() throws Exception {
    ApiCaller api = RunningFarm.manager().api();
    Running render = startRendering(RunningFarm.manager().asManager().toArray(String[]::new));
    assertThat(api.get("status").data().get("running")).hasSize(1);

    render.interrupt();

    render.awaitEnd().assertExitCode(130).assertNoFault();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> api.get("status").data().get("running").isEmpty());
  }
}
