package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TaskStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames that two agents render together, against those that one Blender renders. */
class ExactFrameTest {
  private static final int WIDTH = TestingScenes.WIDTH;
  private static final int HEIGHT = TestingScenes.HEIGHT;
  private static final int SAMPLES = TestingScenes.SAMPLES;
  private static final Tile WHOLE = new Tile(0, 0, WIDTH, HEIGHT);
  private static final float ROUNDING = 1e-5f;

  /** Of the scene "animation". */
  private static final int FRAMES = 4;

  private static final int ANIMATION_SAMPLES = 16;

  @TempDir static Path folder;

  private static TestingFarm farm;

  @BeforeAll
  static void startFarm() throws Exception {
    farm = TestingFarm.start(folder, 2);
  }

  @AfterAll
  static void endFarm() {
    if (farm != null) {
      farm.close();
    }
  }

  @Test
  void tilesOfAnAdaptiveFrameGiveEveryBitAndThePictureThatOneBlenderGives() throws Exception {
    FarmTask task = run("adaptive", "adaptive", Strategy.AUTO);
    TaskStatus status = task.awaitCompleted();

    assertThat(status.progress().strategy()).contains("auto");
    assertThat(status.progress().reason()).contains("adaptive");
    task.assertSharedByTwoAgents();
    task.assertEveryCellOnce(WIDTH, HEIGHT, SAMPLES);
    FrameFile expected = passes("adaptive", 1);
    assertThat(expected.size()).isGreaterThan(90);
    frame(task, "adaptive").assertIdenticalTo(expected);
    assertSamePicture(task, "adaptive", "adaptive", 1);
  }

  @Test
  void tilesOfAFixedFrameGiveEveryBitAndThePictureThatOneBlenderGives() throws Exception {
    FarmTask task = run("tiles", "fixed", Strategy.TILES);
    TaskStatus status = task.awaitCompleted();

    assertThat(status.progress().strategy()).contains("tiles");
    task.assertSharedByTwoAgents();
    task.assertEveryCellOnce(WIDTH, HEIGHT, SAMPLES);
    frame(task, "tiles").assertIdenticalTo(passes("fixed", 1));
    assertSamePicture(task, "tiles", "fixed", 1);
  }

  @Test
  void aThinFirstRangeAndThenTilesEqualTheFrameOfOneBlender() throws Exception {
    FarmTask task = run("thin", "fixed", Strategy.AUTO);
    TaskStatus status = task.awaitCompleted();

    assertThat(status.progress().reason()).contains("first thin sample range");
    task.assertSharedByTwoAgents();
    task.assertEveryCellOnce(WIDTH, HEIGHT, SAMPLES);
    List<Cell> thin = task.cells().stream().filter(cell -> cell.samples().first() == 0).toList();
    assertThat(thin).allSatisfy(cell -> assertThat(cell.samples().size()).isEqualTo(4));
    assertThat(task.cells()).hasSizeGreaterThan(thin.size() + 1);
    frame(task, "thin").assertWithin(ROUNDING, passes("fixed", 1));
    assertSamePicture(task, "thin", "fixed", 1);
  }

  @Test
  void unevenSampleRangesEqualTheFrameOfOneBlender() throws Exception {
    FarmTask task = run("samples", "fixed", Strategy.SAMPLES);
    TaskStatus status = task.awaitCompleted();

    assertThat(status.progress().strategy()).contains("samples");
    task.assertSharedByTwoAgents();
    task.assertEveryCellOnce(WIDTH, HEIGHT, SAMPLES);
    assertThat(task.cells()).allSatisfy(cell -> assertThat(cell.tile()).isEqualTo(WHOLE));
    assertThat(task.cells().stream().map(cell -> cell.samples().size()).distinct())
        .as("ranges of different lengths")
        .hasSizeGreaterThan(1);
    frame(task, "samples").assertWithin(ROUNDING, passes("fixed", 1));
    assertSamePicture(task, "samples", "fixed", 1);
  }

  @Test
  void anEngineWithoutTilesRendersTheWholeFrameOnOneAgent() throws Exception {
    FarmTask task = run("workbench", "workbench", Strategy.AUTO);
    TaskStatus status = task.awaitCompleted();

    assertThat(status.progress().strategy()).contains("frame");
    assertThat(status.progress().reason()).contains("BLENDER_WORKBENCH");
    assertThat(task.cells()).containsExactly(new Cell(WHOLE, new SampleRange(0, 1)));
    assertSamePicture(task, "workbench", "workbench", 1);
  }

  @Test
  void tilesOfAPanoramaGiveEveryBit() throws Exception {
    FarmTask task = run("panorama", "panorama", Strategy.TILES);
    task.awaitCompleted();

    assertThat(task.cells()).hasSizeGreaterThan(1);
    task.assertEveryCellOnce(WIDTH, HEIGHT, ANIMATION_SAMPLES);
    frame(task, "panorama").assertIdenticalTo(passes("panorama", 1));
  }

  @Test
  void tilesThatAreForcedOnAnEngineWithoutThemAreRefusedWithTheReason() throws Exception {
    FarmTask task = run("forced", "workbench", Strategy.TILES);

    assertThat(task.awaitError())
        .contains("'tiles'")
        .contains("BLENDER_WORKBENCH")
        .contains("auto");
    assertThat(task.deliveries()).isEmpty();
  }

  @Test
  void framesOfOneProjectAreRenderedWholeByAgentsThatLoadItOnce() throws Exception {
    List<FarmTask> tasks = new ArrayList<>();
    for (int frame = 1; frame <= FRAMES; frame++) {
      tasks.add(farm.prepare("animation-" + frame, "animation", frame, Strategy.AUTO));
    }
    for (FarmTask task : tasks) {
      task.run();
    }
    FarmTask.awaitCompleted(tasks);

    TestingScenes.render("animation", FRAMES);
    for (int frame = 1; frame <= FRAMES; frame++) {
      FarmTask task = tasks.get(frame - 1);
      task.assertEveryCellOnce(WIDTH, HEIGHT, ANIMATION_SAMPLES);
      frame(task, "animation-" + frame).assertWithin(ROUNDING, passes("animation", frame));
      assertSamePicture(task, "animation-" + frame, "animation", frame);
    }
    assertThat(tasks.subList(0, 2))
        .as("with a frame for each agent, each renders one")
        .allSatisfy(task -> assertThat(task.cellsByAgent()).hasSize(1));
    for (int agent = 0; agent < 2; agent++) {
      assertThat(
              farm.log(agent).stream()
                  .filter(line -> line.contains("Opened project/animation.blend")))
          .as("loads of the project on agent " + agent)
          .hasSize(1);
    }
  }

  private static FarmTask run(String task, String scene, Strategy strategy) throws Exception {
    return farm.run(task, scene, 1, strategy);
  }

  private static FrameFile frame(FarmTask task, String name) throws Exception {
    return FrameFile.of(task.download(ResultKind.RENDER, folder.resolve(name + ".exr")));
  }

  private static FrameFile passes(String scene, int frame) throws Exception {
    return FrameFile.of(TestingScenes.passes(scene, frame));
  }

  private static void assertSamePicture(FarmTask task, String name, String scene, int frame)
      throws Exception {
    Pictures.assertSame(
        task.download(ResultKind.COMPOSE, folder.resolve(name + ".png")),
        TestingScenes.picture(scene, frame));
  }
}
