package io.blendnet.domain;

/** The unit of rendering: a tile of the frame times a range of samples, rendered in one go. */
public record Cell(Tile tile, SampleRange samples) {
  /** Pixel samples: pixels times samples. What speed is measured in. */
  public long work() {
    return tile.area() * samples.size();
  }

  @Override
  public String toString() {
    return tile + " " + samples;
  }
}
