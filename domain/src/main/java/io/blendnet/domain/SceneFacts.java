package io.blendnet.domain;

import java.util.List;

/**
 * What a session found out about a scene when it opened it: everything that decides how its frames
 * may be cut.
 *
 * @param engine Blender's identifier of the render engine, such as {@code CYCLES}
 * @param blender the version that opened the scene
 * @param size pixels to render: resolution times percentage, or the scene's own render border
 * @param samples samples a pixel; 1 for an engine without sample ranges
 * @param adaptive whether adaptive sampling is on
 * @param tileObstacles why tiles would not be exact, each a sentence for the user; empty: they are
 * @param sampleObstacles why sample ranges would not be exact; empty: they are
 * @param patternDependsOnRange whether the scene's own sampling pattern gives other samples when a
 *     range is rendered alone; splitting by samples then takes another pattern
 * @param warnings what the user should know before and after, such as denoising that this Blender
 *     cannot do
 * @param addedPasses passes that the session switched on for merging, as {@code Layer.Pass}; the
 *     assembled frame drops them
 * @param fileExtension of the picture that the scene asks for, with its dot: {@code .png}
 */
public record SceneFacts(
    String engine,
    BlenderVersion blender,
    FrameSize size,
    int samples,
    boolean adaptive,
    List<String> tileObstacles,
    List<String> sampleObstacles,
    boolean patternDependsOnRange,
    List<String> warnings,
    List<String> addedPasses,
    String fileExtension) {
  public SceneFacts {
    if (samples < 1) {
      throw new IllegalArgumentException("A scene has at least one sample a pixel, not " + samples);
    }
    tileObstacles = List.copyOf(tileObstacles);
    sampleObstacles = List.copyOf(sampleObstacles);
    warnings = List.copyOf(warnings);
    addedPasses = List.copyOf(addedPasses);
  }
}
