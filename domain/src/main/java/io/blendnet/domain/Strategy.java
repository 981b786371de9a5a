package io.blendnet.domain;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a frame is cut into cells. */
public enum Strategy {
  /** Tiles; for fixed sampling after a first thin sample range over the whole frame. */
  AUTO,
  /** Tiles only, each with all its samples. */
  TILES,
  /** The whole frame in sample ranges; for fixed sampling only. */
  SAMPLES,
  /** The whole frame on one agent, in one go. */
  FRAME;

  /** The lower-case name that users write. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Strategy> parse(String label) {
    return Arrays.stream(values()).filter(strategy -> strategy.label().equals(label)).findFirst();
  }
}
