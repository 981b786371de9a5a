package io.blendnet.domain;

/** What a cell's picture looks like, as far as it raises doubts about who rendered it. */
public enum CellLooks {
  /** Nothing to remark, or no Combined pass to look at. */
  FINE,
  /** Red, green and blue of Combined are exactly 0 in every pixel of every layer that has it. */
  BLACK,
  /** Combined has values that are infinite or no numbers. */
  BROKEN
}
