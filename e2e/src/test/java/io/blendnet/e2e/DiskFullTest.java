package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.e2e.CommandRoom.Ended;
import io.blendnet.e2e.CommandRoom.Running;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up is said by name, and ends what cannot go on. */
class DiskFullTest {
  @TempDir private Path folder;
  private CommandRoom room;
  private Path small;
  private Path output;

  @BeforeEach
  void enter() throws IOException {
    room = CommandRoom.in(folder);
    small = folder.resolve("small");
    output = folder.resolve("pictures");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    room.assertNoProcessLeft();
    assertThat(room.temporary()).isEmptyDirectory();
    assertThat(output).doesNotExist();
  }

  private List<String> render(Path blend, List<String> more) {
    var arguments =
        new ArrayList<>(List.of("render", blend.toString(), "--output", output.toString()));
    arguments.addAll(more);
    return arguments;
  }

  private void fill(Path disk) throws IOException {
    byte[] block = new byte[1 << 16];
    try (var file = new RandomAccessFile(disk.resolve("filler").toFile(), "rw")) {
      for (int size = block.length; size > 0; ) {
        try {
          file.write(block, 0, size);
        } catch (IOException e) {
          // To the last byte, by ever smaller pieces.
          size /= 2;
        }
      }
    }
    assertThat(small.toFile().getUsableSpace()).isLessThan(4096);
  }

  @Test
  void aManagerWithoutRoomRefusesTheUploadAndKeepsNothingOfIt() throws Exception {
    Path blend = CommandScenes.copyOf("shot", folder.resolve("project"));
    Path texture = folder.resolve("project/textures/wall.png");
    try (var file = new RandomAccessFile(texture.toFile(), "rw")) {
      file.setLength(60_000_000); // what follows a PNG's end is nobody's business
    }
    try (var _ = TestingDisk.mount(small, "100m")) {
      RunningServer manager = RunningServer.start(room, "manager", small.resolve("manager"));

      room.blendnet(render(blend, manager.asManager()).toArray(String[]::new))
          .assertExitCode(3)
          .assertSays("disk is full", small.toString(), "Make room there");

      assertThat(manager.api().get("task").data()).isEmpty();
      manager.end().assertExitCode(0);
      try (var files = Files.walk(small)) {
        assertThat(files.filter(file -> file.toFile().length() > 10_000_000)).isEmpty();
      }
    }
  }

  @Test
  void aFarmOfItsOwnEndsWhenItsDiskIsFull() throws Exception {
    Path blend = CommandScenes.copyOf("endless", folder.resolve("project"));
    try (var disk = TestingDisk.mount(small, "100m")) {
      room.with("XDG_CACHE_HOME", small.toString());
      Running render = room.startBlendnet(render(blend, List.of("--json")).toArray(String[]::new));
      awaitRendering(render);

      fill(disk.folder());

      // The frame fails, or the farm stands still, whichever meets the disk's end first.
      Ended ended = render.awaitEnd().assertNoFault();
      assertThat(ended.exitCode()).isIn(1, 3);
      assertThat(ended.output()).contains("disk", small.toString()).containsIgnoringCase("full");
      try (var files = Files.list(small.resolve("blendnet"))) {
        assertThat(files.filter(file -> file.getFileName().toString().startsWith("farm-")))
            .isEmpty();
      }
    }
  }

  @Test
  void anAgentsFullDiskFailsTheFrameWithItsName() throws Exception {
    Path blend = CommandScenes.copyOf("endless", folder.resolve("project"));
    try (var disk = TestingDisk.mount(small, "100m")) {
      RunningServer manager = RunningServer.start(room, "manager", folder.resolve("manager"));
      RunningServer agent = RunningServer.start(room, "agent", small.resolve("agent"));
      manager.employ("tiny", agent);
      var arguments = new ArrayList<>(manager.asManager());
      arguments.add("--json");
      Running render = room.startBlendnet(render(blend, arguments).toArray(String[]::new));
      awaitRendering(render);

      fill(disk.folder());

      assertThat(render.awaitEnd().assertExitCode(1).output())
          .contains("Agent tiny", "disk", small.toString());
      agent.end().assertExitCode(0);
      manager.end().assertExitCode(0);
    }
  }

  private static void awaitRendering(Running render) {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() ->
            render.output().contains("\"phase\":\"Rendering\"") || !render.process().isAlive());
    assertThat(render.process().isAlive()).as(render.command()).isTrue();
  }
}
