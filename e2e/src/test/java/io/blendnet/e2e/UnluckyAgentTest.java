package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Strategy;
import io.blendnet.e2e.HardLuckFarm.Unlucky;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent with something wrong about its machine, beside one without: the frame is rendered
 * exactly, and the task's messages say what was wrong.
 */
class UnluckyAgentTest {
  @TempDir private static Path farmFolder;
  private static HardLuckFarm farm;

  @TempDir private Path folder;
  private final List<Unlucky> unlucky = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    farm = HardLuckFarm.start(farmFolder);
  }

  @AfterAll
  static void end() throws Exception {
    farm.close();
  }

  @AfterEach
  void dismiss() throws Exception {
    for (Unlucky agent : unlucky) {
      farm.end(agent);
    }
  }

  private Unlucky employ(String name, String... settings) throws Exception {
    Unlucky agent = farm.employIn(CommandRoom.in(folder), folder.resolve(name), name, settings);
    unlucky.add(agent);
    return agent;
  }

  @Test
  void aBlenderThatCrashesCostsAtMostItsCell() throws Exception {
    Unlucky agent = employ("crashing");
    FarmTask task = farm.run("crash", "long", Strategy.TILES);
    HardLuckFarm.awaitRendering(task, agent.name());
    List<FarmTask.Delivery> before = List.copyOf(task.deliveries());

    agent.blenders().forEach(ProcessHandle::destroyForcibly);

    farm.assertExact(task, "long", TestingScenes.LONG_SAMPLES);
    assertThat(task.deliveries()).containsAll(before);
    assertThat(HardLuckFarm.saidOf(task, agent.name()))
        .anySatisfy(line -> assertThat(line).contains("Blender"));
    farm.awaitActive(agent.name());
  }

  @Test
  void aBlenderThatHangsDoesNotHoldUpTheFrame() throws Exception {
    Unlucky agent = employ("hanging");
    FarmTask task = farm.run("hang", "long", Strategy.TILES);
    HardLuckFarm.awaitRendering(task, agent.name());

    Unlucky.signal("STOP", agent.blenders());

    farm.assertExact(task, "long", TestingScenes.LONG_SAMPLES);
    assertThat(HardLuckFarm.saidOf(task, agent.name())).isNotEmpty();
  }

  @Test
  void anAgentWhoseDiskIsFullIsSetAside() throws Exception {
    Path small = folder.resolve("small");
    try (var disk = TestingDisk.mount(small, "100m")) {
      Unlucky agent = farm.employIn(CommandRoom.in(folder), small.resolve("agent"), "full");
      unlucky.add(agent);
      FarmTask task = farm.run("full-disk", "long", Strategy.TILES);
      HardLuckFarm.awaitRendering(task, agent.name());

      fill(disk.folder());

      farm.assertExact(task, "long", TestingScenes.LONG_SAMPLES);
      assertThat(HardLuckFarm.saidOf(task, agent.name()))
          .anySatisfy(line -> assertThat(line).contains("disk", small.toString()));
    }
  }

  private static void fill(Path disk) throws IOException {
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
  }

  @Test
  void agentsWithDifferentBlendersDoNotRenderAFrameTogether() throws Exception {
    Unlucky agent = employ("older", "blender = " + blenderThatSays("3.2.0"));
    FarmTask task = farm.run("version", "long", Strategy.TILES);

    farm.assertExact(task, "long", TestingScenes.LONG_SAMPLES);

    assertThat(task.cellsByAgent()).as("whoever came first").hasSize(1);
    String other =
        task.cellsByAgent().containsKey(HardLuckFarm.STEADY) ? agent.name() : HardLuckFarm.STEADY;
    assertThat(HardLuckFarm.saidOf(task, other))
        .anySatisfy(line -> assertThat(line).contains("3.2.0"));
  }

  /** The Blender of this machine, which says that it is another one. */
  private Path blenderThatSays(String version) throws IOException {
    return program(
        """
        pipe='%1$s'/pipe.$$
        mkfifo "$pipe"
        { rm -f "$pipe"; exec sed -u -E 's/"(version|blender)": "[0-9.]*"/"\\1": "%2$s"/g'; } <"$pipe" &
        exec blender "$@" >"$pipe" 2>&1
        """
            .formatted(folder, version));
  }

  @Test
  void anAgentWhoseClockIsAnHourOffWorksLikeAnyOther() throws Exception {
    CommandRoom future = CommandRoom.in(folder);
    for (String line : wrongClock()) {
      String[] pair = line.split("=", 2);
      future.with(pair[0], pair[1]);
    }
    Unlucky agent =
        farm.employIn(
            future, folder.resolve("future"), "future", "blender = " + blenderWithRightClock());
    unlucky.add(agent);
    assertThat(agent.server().api().get("log").data().propertyNames())
        .as("times in the agent's log")
        .allSatisfy(time ->
            assertThat(Instant.ofEpochSecond((long) Double.parseDouble(time)))
                .isAfter(Instant.now().plus(Duration.ofMinutes(50))));

    FarmTask task = farm.run("clock", "long", Strategy.TILES);

    farm.assertExact(task, "long", TestingScenes.LONG_SAMPLES);
    assertThat(task.cellsByAgent()).containsKeys(HardLuckFarm.STEADY, agent.name());
    assertThat(task.deliveries())
        .as("times are the Manager's")
        .allSatisfy(delivery ->
            assertThat(delivery.stored()).isBefore(Instant.now().plus(Duration.ofMinutes(1))));
    agent.server().process().terminate();
    agent.server().process().awaitEnd().assertExitCode(0);
    // libfaketime's own, named by the process, which is to remove them and does not always.
    for (String name : List.of("faketime_shm_", "sem.faketime_sem_")) {
      Files.deleteIfExists(Path.of("/dev/shm", name + agent.process().pid()));
    }
  }

  /**
   * Variables that set clocks an hour forward; what only counts time, and files, are left alone.
   */
  private static List<String> wrongClock() throws Exception {
    Process process = new ProcessBuilder("faketime", "-f", "+1h", "env").start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    var variables =
        new ArrayList<>(
            said.lines()
                .filter(line -> line.startsWith("LD_PRELOAD=") || line.startsWith("FAKETIME="))
                .toList());
    assertThat(variables).hasSize(2);
    variables.addAll(List.of("FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"));
    return variables;
  }

  /** Blender's memory allocator asks for the time before libfaketime can tell it, and hangs. */
  private Path blenderWithRightClock() throws IOException {
    return program("unset LD_PRELOAD FAKETIME\nexec blender \"$@\"");
  }

  private Path program(String script) throws IOException {
    Path program = folder.resolve("blender");
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }
}
