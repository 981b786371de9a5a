package io.blendnet.domain;

import java.time.Duration;

/**
 * Where the time of a cell went, measured on the agent.
 *
 * @param sync before the first sample: scene changes, acceleration structure
 * @param render the samples themselves
 * @param save writing the file
 * @param readBack reading it again and checking it
 */
public record CellTimings(Duration sync, Duration render, Duration save, Duration readBack) {
  /** Timings of which only the rendering is known. */
  static CellTimings rendering(Duration render) {
    return new CellTimings(Duration.ZERO, render, Duration.ZERO, Duration.ZERO);
  }

  /** All that does not grow with the cell. */
  public Duration fixed() {
    return sync.plus(save).plus(readBack);
  }

  public Duration total() {
    return fixed().plus(render);
  }
}
