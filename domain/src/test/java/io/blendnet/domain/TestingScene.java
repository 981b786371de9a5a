package io.blendnet.domain;

import java.util.List;

/** Facts of scenes for tests. */
final class TestingScene {
  static final BlenderVersion BLENDER = new BlenderVersion(3, 4, 1);
  static final BlenderVersion OTHER_BLENDER = new BlenderVersion(4, 5, 3);

  private TestingScene() {}

  /** A scene with fixed sampling that may be cut in any way. */
  static SceneFacts fixed(int width, int height, int samples) {
    return new SceneFacts(
        "CYCLES",
        BLENDER,
        new FrameSize(width, height),
        samples,
        false,
        List.of(),
        List.of(),
        false,
        List.of(),
        List.of(),
        ".png");
  }

  /** A scene with Blender's default sampling, of which no sample range is exact. */
  static SceneFacts adaptive(int width, int height, int samples) {
    SceneFacts fixed =
        withSampleObstacles(fixed(width, height, samples), "Adaptive sampling is on.");
    return new SceneFacts(
        fixed.engine(),
        fixed.blender(),
        fixed.size(),
        fixed.samples(),
        true,
        fixed.tileObstacles(),
        fixed.sampleObstacles(),
        fixed.patternDependsOnRange(),
        fixed.warnings(),
        fixed.addedPasses(),
        fixed.fileExtension());
  }

  static SceneFacts withTileObstacles(SceneFacts facts, String... obstacles) {
    return new SceneFacts(
        facts.engine(),
        facts.blender(),
        facts.size(),
        facts.samples(),
        facts.adaptive(),
        List.of(obstacles),
        facts.sampleObstacles(),
        facts.patternDependsOnRange(),
        facts.warnings(),
        facts.addedPasses(),
        facts.fileExtension());
  }

  static SceneFacts withSampleObstacles(SceneFacts facts, String... obstacles) {
    return new SceneFacts(
        facts.engine(),
        facts.blender(),
        facts.size(),
        facts.samples(),
        facts.adaptive(),
        facts.tileObstacles(),
        List.of(obstacles),
        facts.patternDependsOnRange(),
        facts.warnings(),
        facts.addedPasses(),
        facts.fileExtension());
  }

  static SceneFacts withPatternThatDependsOnTheRange(SceneFacts facts) {
    return new SceneFacts(
        facts.engine(),
        facts.blender(),
        facts.size(),
        facts.samples(),
        facts.adaptive(),
        facts.tileObstacles(),
        facts.sampleObstacles(),
        true,
        facts.warnings(),
        facts.addedPasses(),
        facts.fileExtension());
  }

  static SceneFacts openedBy(BlenderVersion blender, SceneFacts facts) {
    return new SceneFacts(
        facts.engine(),
        blender,
        facts.size(),
        facts.samples(),
        facts.adaptive(),
        facts.tileObstacles(),
        facts.sampleObstacles(),
        facts.patternDependsOnRange(),
        facts.warnings(),
        facts.addedPasses(),
        facts.fileExtension());
  }
}
