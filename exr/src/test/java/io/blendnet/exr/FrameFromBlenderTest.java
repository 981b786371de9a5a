package io.blendnet.exr;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Tile;
import io.blendnet.exr.RenderedCells.Rendered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames assembled from cells, against the frame that one Blender renders. */
class FrameFromBlenderTest {
  private static final int SAMPLES = 24;

  @TempDir static Path folder;

  private static Rendered adaptiveWhole;
  private static final List<Rendered> adaptiveTiles = new ArrayList<>();
  private static Rendered fixedWhole;
  private static final List<Rendered> fixedTiles = new ArrayList<>();
  private static final List<Rendered> ranges = new ArrayList<>();
  private static final List<Rendered> thinFirst = new ArrayList<>();
  private static Rendered foggyWhole;
  private static final List<Rendered> foggyRanges = new ArrayList<>();

  @BeforeAll
  static void renderCells() throws Exception {
    Tile whole = RenderedCells.SIZE.whole();
    RenderedCells adaptive = new RenderedCells(folder.resolve("adaptive"), true, true);
    adaptiveWhole = adaptive.order(whole, 0, 0, SAMPLES);
    quarters().forEach(tile -> adaptiveTiles.add(adaptive.order(tile, 4, 0, SAMPLES)));
    adaptive.render();

    RenderedCells fixed = new RenderedCells(folder.resolve("fixed"), false, false);
    fixedWhole = fixed.order(whole, 0, 0, SAMPLES);
    quarters().forEach(tile -> fixedTiles.add(fixed.order(tile, 0, 0, SAMPLES)));
    ranges.add(fixed.order(whole, 0, 0, 5));
    ranges.add(fixed.order(whole, 0, 5, 6));
    ranges.add(fixed.order(whole, 0, 6, 17));
    ranges.add(fixed.order(whole, 0, 17, SAMPLES));
    whole.halves().forEach(tile -> thinFirst.add(fixed.order(tile, 0, 0, 4)));
    quarters().forEach(tile -> thinFirst.add(fixed.order(tile, 2, 4, SAMPLES)));
    fixed.render();

    RenderedCells foggy = new RenderedCells(folder.resolve("foggy"), false, true);
    foggyWhole = foggy.order(whole, 0, 0, SAMPLES);
    foggyRanges.add(foggy.order(whole, 0, 0, 5));
    foggyRanges.add(foggy.order(whole, 0, 5, SAMPLES));
    foggy.render();
  }

  /** Uneven ones, whose edges fall on neither rows nor columns of the halves. */
  private static List<Tile> quarters() {
    return List.of(
        new Tile(0, 0, 29, 17),
        new Tile(29, 0, 35, 17),
        new Tile(0, 17, 29, 19),
        new Tile(29, 17, 35, 19));
  }

  @Test
  void theSceneHasAllPassesThatHaveRulesOfTheirOwn() throws IOException {
    assertThat(Pixels.of(adaptiveWhole.file()).names())
        .contains(
            "ViewLayer.Depth.Z",
            "ViewLayer.Position.X",
            "ViewLayer.IndexOB.X",
            "ViewLayer.IndexMA.X",
            "ViewLayer.DiffDir.R",
            "ViewLayer.DiffInd.R",
            "ViewLayer.GlossDir.R",
            "ViewLayer.GlossInd.R",
            "ViewLayer.TransDir.R",
            "ViewLayer.TransInd.R",
            "ViewLayer.VolumeDir.R",
            "ViewLayer.VolumeInd.R",
            "ViewLayer.CryptoObject02.a",
            "ViewLayer.Debug Sample Count.X",
            "ViewLayer.Denoising Normal.X",
            "ViewLayer.Vector.X",
            "Second.Layer.DiffDir.R",
            "Second.Layer.CryptoObject00.r");
  }

  @Test
  void adaptiveTilesWithOverscanAreBitIdentical() throws Exception {
    assertBitIdentical(assemble(adaptiveTiles, SAMPLES), adaptiveWhole.file());
  }

  @Test
  void adaptiveSamplingReallyStoppedEarlySomewhere() throws IOException {
    Pixels pixels = Pixels.of(adaptiveWhole.file());
    float least = 2;
    float most = 0;
    for (int i = 0; i < RenderedCells.SIZE.area(); i++) {
      least = Math.min(least, pixels.value("ViewLayer.Debug Sample Count.X", i));
      most = Math.max(most, pixels.value("ViewLayer.Debug Sample Count.X", i));
    }
    assertThat(least).isLessThan(0.8f).isGreaterThan(0);
    assertThat(most).isEqualTo(1);
  }

  @Test
  void fixedTilesAreBitIdentical() throws Exception {
    assertBitIdentical(assemble(fixedTiles, SAMPLES), fixedWhole.file());
  }

  @Test
  void unevenSampleRangesEqualTheWholeRender() throws Exception {
    assertEqualWithinRounding(assemble(ranges, SAMPLES), fixedWhole.file());
  }

  @Test
  void alphaOfSampleRangesIsBitIdentical() throws Exception {
    for (List<Rendered> cells : List.of(ranges, thinFirst)) {
      Pixels actual = Pixels.of(assemble(cells, SAMPLES));
      Pixels expected = Pixels.of(fixedWhole.file());
      assertThat(actual.bits("ViewLayer.Combined.A"))
          .isEqualTo(expected.bits("ViewLayer.Combined.A"))
          .contains(Float.floatToRawIntBits(0.5f));
    }
  }

  @Test
  void aThinFirstRangeOverOtherTilesEqualsTheWholeRender() throws Exception {
    assertEqualWithinRounding(assemble(thinFirst, SAMPLES), fixedWhole.file());
  }

  @Test
  void sampleRangesOfAVolumeEqualTheWholeRenderButForOnePass() throws Exception {
    // See MergePlanner: there is no telling what light went through fog to a diffuse surface.
    assertEqualWithinRounding(assemble(foggyRanges, SAMPLES), foggyWhole.file(), ".DiffInd.");
  }

  @Test
  void theOrderOfCellsMakesNoDifference() throws Exception {
    List<Rendered> shuffled = new ArrayList<>(ranges);
    Collections.reverse(shuffled);
    assertEqualWithinRounding(assemble(shuffled, SAMPLES), assemble(ranges, SAMPLES));
    Collections.shuffle(thinFirst, new Random(7));
    assertEqualWithinRounding(assemble(thinFirst, SAMPLES), fixedWhole.file());
  }

  @Test
  void theHeaderIsTheOneThatBlenderWrites() throws Exception {
    Path assembled = assemble(ranges, SAMPLES);
    assertThat(lines(assembled)).containsExactlyElementsOf(lines(fixedWhole.file()));
    assertThat(Tools.run("exrinfo", "-s", assembled.toString())).doesNotContain("ERROR");
  }

  /** What {@code exrheader} says, but for the file's name, times and compression. */
  private static List<String> lines(Path file) throws Exception {
    return Tools.run("exrheader", file.toString())
        .lines()
        .filter(line ->
            !line.startsWith("file ")
                && !line.startsWith("compression ")
                && !line.contains("_time ")
                && !line.contains("RenderTime ")
                && !line.startsWith("Date "))
        .toList();
  }

  @Test
  void anotherProgramReadsTheSamePixels() throws Exception {
    Path assembled = assemble(adaptiveTiles, SAMPLES);
    assertThat(
            Tools.run(
                "oiiotool",
                "--fail",
                "0",
                "--hardfail",
                "0",
                "--diff",
                assembled.toString(),
                adaptiveWhole.file().toString()))
        .contains("PASS");
  }

  @Test
  void passesForMergingAloneAreLeftOut() throws Exception {
    Path target = folder.resolve("dropped.exr");
    try (FrameAssembly frame =
        FrameAssembly.create(
            folder.resolve("scratch"),
            RenderedCells.SIZE,
            List.of("ViewLayer.DiffCol", "Second.Layer.DiffCol", "ViewLayer.NotThere"))) {
      for (Rendered cell : ranges) {
        frame.add(cell.cell(), cell.rendered(), cell.file());
      }
      frame.write(target, Compression.ZIPS);
    }
    List<String> kept = new ArrayList<>(Pixels.of(fixedWhole.file()).names());
    kept.removeIf(name -> name.contains("Layer.DiffCol."));
    Pixels dropped = Pixels.of(target);
    assertThat(dropped.names()).containsExactlyElementsOf(kept);
    Pixels all = Pixels.of(assemble(ranges, SAMPLES));
    assertThat(dropped.bits("ViewLayer.DiffDir.R")).isEqualTo(all.bits("ViewLayer.DiffDir.R"));
  }

  private static Path assemble(List<Rendered> cells, int samples) throws IOException {
    Path target = Files.createTempFile(folder, "assembled", ".exr");
    try (FrameAssembly frame =
        FrameAssembly.create(folder.resolve("scratch"), RenderedCells.SIZE, List.of())) {
      for (Rendered cell : cells) {
        assertThat(frame.isComplete(samples)).isFalse();
        assertThat(frame.add(cell.cell(), cell.rendered(), cell.file())).isTrue();
      }
      assertThat(frame.isComplete(samples)).isTrue();
      frame.write(target, Compression.ZIP);
    }
    return target;
  }

  private static void assertBitIdentical(Path actual, Path expected) throws IOException {
    Pixels actualPixels = Pixels.of(actual);
    Pixels expectedPixels = Pixels.of(expected);
    assertThat(actualPixels.names()).containsExactlyElementsOf(expectedPixels.names());
    for (String channel : expectedPixels.names()) {
      assertThat(actualPixels.bits(channel)).as(channel).isEqualTo(expectedPixels.bits(channel));
    }
  }

  private static void assertEqualWithinRounding(Path actual, Path expected) throws IOException {
    assertEqualWithinRounding(actual, expected, ".Crypto");
  }

  private static void assertEqualWithinRounding(Path actual, Path expected, String exempt)
      throws IOException {
    Pixels actualPixels = Pixels.of(actual);
    Pixels expectedPixels = Pixels.of(expected);
    assertThat(actualPixels.names()).containsExactlyElementsOf(expectedPixels.names());
    Map<String, String> worst = new TreeMap<>();
    for (String channel : expectedPixels.names()) {
      if (channel.contains(".Crypto") || channel.contains(exempt)) {
        continue;
      }
      float largest = 0;
      int pixel = 0;
      for (int i = 0; i < RenderedCells.SIZE.area(); i++) {
        float a = actualPixels.value(channel, i);
        float e = expectedPixels.value(channel, i);
        float difference = Math.abs(a - e) / Math.max(1, Math.abs(e));
        if (difference > largest || Float.isNaN(difference)) {
          largest = difference;
          pixel = i;
        }
      }
      if (!(largest <= 1e-5f)) {
        worst.put(
            channel,
            largest
                + " at "
                + pixel
                + ": "
                + actualPixels.value(channel, pixel)
                + " for "
                + expectedPixels.value(channel, pixel));
      }
    }
    assertThat(worst).isEmpty();
    for (String base : List.of("ViewLayer.CryptoObject", "Second.Layer.CryptoObject")) {
      assertSameIds(actualPixels, expectedPixels, base);
    }
    assertSameIds(actualPixels, expectedPixels, "ViewLayer.CryptoMaterial");
    assertSameIds(actualPixels, expectedPixels, "ViewLayer.CryptoAsset");
  }

  /** The order of names with equal weights is nobody's business. */
  private static void assertSameIds(Pixels actual, Pixels expected, String base) {
    for (int i = 0; i < RenderedCells.SIZE.area(); i++) {
      Map<Integer, Float> ids = ids(actual, base, i);
      Map<Integer, Float> wanted = ids(expected, base, i);
      assertThat(weights(actual, base, i))
          .isSortedAccordingTo((a, b) -> Math.abs(a - b) < 2e-5f ? 0 : Float.compare(b, a));
      assertThat(ids.keySet()).as(base + " at " + i).isEqualTo(wanted.keySet());
      ids.forEach((id, weight) ->
          assertThat(Math.abs(weight - wanted.getOrDefault(id, 9f)))
              .as(base)
              .isLessThanOrEqualTo(1e-5f));
    }
  }

  private static List<Float> weights(Pixels pixels, String base, int pixel) {
    List<Float> weights = new ArrayList<>();
    for (int level = 0; pixels.names().contains(base + "0" + level + ".r"); level++) {
      weights.add(pixels.value(base + "0" + level + ".g", pixel));
      weights.add(pixels.value(base + "0" + level + ".a", pixel));
    }
    return weights;
  }

  private static Map<Integer, Float> ids(Pixels pixels, String base, int pixel) {
    Map<Integer, Float> ids = new HashMap<>();
    for (int level = 0; pixels.names().contains(base + "0" + level + ".r"); level++) {
      for (String pair : List.of("rg", "ba")) {
        String channel = base + "0" + level + ".";
        int id = pixels.bits(channel + pair.charAt(0))[pixel];
        float weight = pixels.value(channel + pair.charAt(1), pixel);
        if (weight > 0) {
          ids.put(id, weight);
        }
      }
    }
    return ids;
  }
}
