package io.blendnet.blender;

import static io.blendnet.blender.TestingPicture.largestDifference;
import static io.blendnet.blender.TestingScenes.scene;
import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Cells against the frame that one Blender renders. */
class SessionCellTest {
  private static final Tile WHOLE = new Tile(0, 0, 64, 36);

  /** Of uneven sizes, none of them at a round share of the picture. */
  private static final List<Tile> TILES =
      List.of(
          new Tile(0, 0, 31, 17),
          new Tile(31, 0, 33, 17),
          new Tile(0, 17, 7, 19),
          new Tile(7, 17, 57, 19));

  private static TestingSession session;

  @TempDir private Path folder;

  @BeforeAll
  static void startBlender() throws IOException {
    session = new TestingSession();
  }

  @AfterAll
  static void endBlender() throws IOException {
    session.close();
  }

  @Test
  void tilesOfAFrameWithFixedSamplingHaveEveryPassBitIdentical() throws IOException {
    JsonNode facts = session.open(scene("fixed"));

    assertThat(facts.get("tileObstacles")).isEmpty();
    assertThat(facts.get("sampleObstacles").toString()).contains("Vector pass");
    assertThat(facts.get("adaptive").asBoolean()).isFalse();
    assertTilesAreExact(16, 0, 60);
  }

  @Test
  void tilesOfAFrameWithAdaptiveSamplingAreBitIdenticalWithOverscan() throws IOException {
    JsonNode facts = session.open(scene("adaptive"));

    assertThat(facts.get("adaptive").asBoolean()).isTrue();
    assertThat(facts.get("sampleObstacles").toString()).contains("Adaptive sampling");
    TestingPicture whole = assertTilesAreExact(64, 4, 60);
    float[] counts = whole.channel("ViewLayer.Debug Sample Count.X");
    assertThat(counts).as("pixels that stopped early, and others").contains(1.0f);
    assertThat(largestDifference(counts, new float[counts.length])).isEqualTo(1);
    boolean someStoppedEarly = false;
    for (float count : counts) {
      someStoppedEarly |= count < 1;
    }
    assertThat(someStoppedEarly).isTrue();
  }

  private TestingPicture assertTilesAreExact(int samples, int overscan, int channelsAtLeast)
      throws IOException {
    SampleRange all = new SampleRange(0, samples);
    Path wholeFile = folder.resolve("whole.exr");
    session.render(1, WHOLE, 0, all, samples, wholeFile);
    TestingPicture whole = TestingPicture.read(wholeFile);
    assertThat(whole.channels()).hasSizeGreaterThan(channelsAtLeast);
    for (Tile tile : TILES) {
      Path file = folder.resolve("tile " + tile + ".exr");
      JsonNode answer = session.render(1, tile, overscan, all, samples, file);
      Tile rendered = tile(answer.get("rendered"));
      assertThat(rendered)
          .isEqualTo(tile.grown(overscan, new io.blendnet.domain.FrameSize(64, 36)));
      TestingPicture expected = whole.cut(tile);
      TestingPicture cell = TestingPicture.read(file);
      assertThat(cell.width()).isEqualTo(rendered.width());
      assertThat(cell.height()).isEqualTo(rendered.height());
      TestingPicture kept =
          cell.cut(
              new Tile(
                  tile.x() - rendered.x(), tile.y() - rendered.y(), tile.width(), tile.height()));
      assertThat(kept.channels().keySet()).isEqualTo(expected.channels().keySet());
      assertThat(kept.channels())
          .allSatisfy((name, pixels) ->
              assertThat(largestDifference(pixels, expected.channel(name)))
                  .as("%s of tile %s", name, tile)
                  .isZero());
    }
    return whole;
  }

  @Test
  void unevenSampleRangesInOneSessionAddUpToTheWholeFrame() throws IOException {
    session.open(scene("fixed"));
    assertSamplesAddUp(16, List.of(0, 1, 4, 10, 16), false);
  }

  @Test
  void moreSamplesThanTheScenesPatternCanSplitAreSplitWithAnother() throws IOException {
    JsonNode facts = session.open(scene("many-samples"));

    assertThat(facts.get("samples").asInt()).isEqualTo(300);
    assertThat(facts.get("patternDependsOnRange").asBoolean()).isTrue();
    assertThat(texts(facts.get("addedPasses")))
        .containsExactly("ViewLayer.DiffCol", "ViewLayer.GlossCol");
    assertSamplesAddUp(300, List.of(0, 37, 300), true);
  }

  private void assertSamplesAddUp(int total, List<Integer> bounds, boolean patternChanges)
      throws IOException {
    Tile tile = new Tile(20, 10, 20, 16);
    Path wholeFile = folder.resolve("whole.exr");
    session.tell(
        "render",
        TestingSession.cell(1, tile, 0, new SampleRange(0, total), total, true, wholeFile));
    TestingPicture whole = TestingPicture.read(wholeFile);
    float[] sum = new float[tile.width() * tile.height()];
    for (int i = 1; i < bounds.size(); i++) {
      SampleRange range = new SampleRange(bounds.get(i - 1), bounds.get(i));
      Path file = folder.resolve("range " + i + ".exr");
      JsonNode answer =
          session.tell("render", TestingSession.cell(1, tile, 0, range, total, true, file));
      assertThat(answer.get("warnings").isEmpty()).isNotEqualTo(patternChanges);
      TestingPicture part = TestingPicture.read(file);
      assertThat(part.texts())
          .containsEntry("cycles.ViewLayer.samples", Integer.toString(range.size()));
      float[] pixels = part.channel("ViewLayer.Combined.R");
      for (int pixel = 0; pixel < sum.length; pixel++) {
        sum[pixel] += pixels[pixel] * range.size() / total;
      }
    }
    float[] expected = whole.channel("ViewLayer.Combined.R");
    assertThat(largestDifference(sum, expected)).isLessThan(2e-5);
    assertThat(largestDifference(expected, new float[expected.length])).isPositive();
  }

  @Test
  void sampleRangesOfAnAdaptiveFrameAreRefused() throws IOException {
    session.open(scene("adaptive"));

    JsonNode answer =
        session.ask(
            "render",
            TestingSession.cell(
                1, WHOLE, 0, new SampleRange(0, 8), 64, false, folder.resolve("part.exr")));

    assertThat(answer.get("ok").asBoolean()).isFalse();
    assertThat(answer.get("message").asString()).contains("Adaptive sampling");
  }

  @Test
  void viewLayersWithSamplesOfTheirOwnKeepThem() throws IOException {
    JsonNode facts = session.open(scene("layer-samples"));

    assertThat(facts.get("samples").asInt()).isEqualTo(12);
    assertThat(facts.get("sampleObstacles")).hasSize(1);
    Path file = folder.resolve("layers.exr");
    session.render(1, WHOLE, 0, new SampleRange(0, 12), 12, file);
    assertThat(TestingPicture.read(file).texts())
        .containsEntry("cycles.ViewLayer.samples", "8")
        .containsEntry("cycles.Finer.samples", "12");
  }

  @Test
  void anAnimationOfTheSamplesDoesNotChangeThemBetweenCells() throws IOException {
    JsonNode facts = session.open(scene("animated-samples"));

    assertThat(facts.get("warnings").toString()).contains("animates cycles.samples");
    Path file = folder.resolve("later.exr");
    session.render(9, WHOLE, 0, new SampleRange(3, 8), 8, file);
    assertThat(TestingPicture.read(file).texts()).containsEntry("cycles.ViewLayer.samples", "5");
  }

  @Test
  void theUsersSamplesReplaceThoseOfTheScene() throws IOException {
    JsonNode facts =
        session
            .tell(
                "open", Map.of("blend", scene("layer-samples").toString(), "samples", 3, "seed", 7))
            .get("facts");

    assertThat(facts.get("samples").asInt()).isEqualTo(3);
    assertThat(facts.get("sampleObstacles")).isEmpty();
    Path file = folder.resolve("three.exr");
    session.render(1, WHOLE, 0, new SampleRange(0, 3), 3, file);
    assertThat(TestingPicture.read(file).texts())
        .containsEntry("cycles.ViewLayer.samples", "3")
        .containsEntry("cycles.Finer.samples", "3");
  }

  @Test
  void theFileIsWrittenUnderExactlyTheNameAskedFor() throws IOException {
    session.open(scene("fixed"));
    Path file = folder.resolve("tile ## \"é\" 'x'.part");

    session.render(1, new Tile(0, 0, 4, 4), 0, new SampleRange(0, 16), 16, file);

    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void anotherEngineRendersWholeFramesOnly() throws IOException {
    JsonNode facts = session.open(scene("workbench"));

    assertThat(facts.get("tileObstacles")).hasSize(1);
    assertThat(facts.get("sampleObstacles")).hasSize(1);
    assertThat(facts.get("samples").asInt()).isEqualTo(1);
    SampleRange one = new SampleRange(0, 1);
    Path file = folder.resolve("workbench.exr");
    session.render(1, WHOLE, 0, one, 1, file);
    assertThat(TestingPicture.read(file).width()).isEqualTo(64);
    JsonNode refused =
        session.ask("render", TestingSession.cell(1, TILES.getFirst(), 0, one, 1, false, file));
    assertThat(refused.get("ok").asBoolean()).isFalse();
  }

  private static Tile tile(JsonNode json) {
    return new Tile(
        json.get("x").asInt(),
        json.get("y").asInt(),
        json.get("width").asInt(),
        json.get("height").asInt());
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }
}
