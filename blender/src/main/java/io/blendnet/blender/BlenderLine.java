package io.blendnet.blender;

import java.time.Duration;
import java.util.Optional;

/** A line that Blender printed, understood as far as it matters to a farm. */
public sealed interface BlenderLine {
  /** The line as it was printed, without its end. */
  String text();

  /**
   * Understands a line of any Blender from 2.8 to 5. Never fails: what it does not know is {@link
   * Other}.
   */
  static BlenderLine parse(String text) {
    return new BlenderLineParser(text).parse();
  }

  /**
   * Samples done. Without a window Cycles says so every 30 seconds at most, at the start and at the
   * end.
   *
   * @param sample samples done, from 0
   * @param samples samples to do
   * @param tiling Blender's own tiling, where it is on
   * @param remaining Blender's estimate
   */
  record Sampling(
      String text,
      int sample,
      int samples,
      Optional<Tiling> tiling,
      Optional<Duration> remaining,
      Optional<MemoryUse> memory)
      implements BlenderLine {
    /** The part done, 0 to 1. */
    public double share() {
      double ofTile = samples < 1 ? 0 : Math.min(1.0, (double) sample / samples);
      return tiling
          .map(tiles ->
              tiles.tiles() < 1 ? ofTile : Math.min(1.0, (tiles.done() + ofTile) / tiles.tiles()))
          .orElse(ofTile);
    }
  }

  /**
   * What a render is doing: {@code Updating Scene BVH | Building BVH 66%}, {@code Finished}.
   *
   * @param step without frame, times, memory, scene and layer
   */
  record Step(String text, String step, Optional<Duration> remaining, Optional<MemoryUse> memory)
      implements BlenderLine {}

  /** Blender says that it has written a file. After a full disk it says so, too. */
  record Saved(String text, String path) implements BlenderLine {}

  /** Something went wrong, or may have. */
  record Problem(String text, Trouble trouble) implements BlenderLine {}

  /** Anything else. */
  record Other(String text) implements BlenderLine {}

  /** What a {@link Problem} is about. */
  enum Trouble {
    /** No memory left, on the computer or on the graphics card. */
    MEMORY,
    /** Blender is falling. */
    CRASH,
    /** The graphics card or its driver, other than its memory; no OpenGL. */
    GRAPHICS,
    /** The disk is full or cannot be written to. */
    DISK,
    /** A library of the operating system is missing. */
    SYSTEM_LIBRARY,
    /** The scene: no camera, a file that cannot be read, a missing linked library. */
    SCENE,
    /** An exception in Python, Blender's or the scene's. */
    PYTHON
  }

  /**
   * Blender's own tiles.
   *
   * @param done from 0
   */
  record Tiling(int done, int tiles) {}

  /**
   * Memory as Blender counts it, in bytes; the process needs somewhat more.
   *
   * @param now in use
   * @param peak the most so far
   */
  record MemoryUse(long now, long peak) {}
}
