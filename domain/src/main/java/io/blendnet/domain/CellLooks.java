package io.blendnet.domain;

/**
 * What a rendered cell's picture looks like: the pass {@code Combined} of its view layers, the only
 * one that is looked at. A cell without that pass is {@link #FINE}.
 *
 * <p>A picture like no other may be what the scene asks for, or the work of a broken device or
 * driver: which of the two, other agents' cells tell.
 */
public enum CellLooks {
  /** Like a picture. */
  FINE,
  /**
   * Red, green and blue are exactly 0 in every pixel of every view layer that has the pass; alpha
   * may be anything. So is a scene without light, and what some broken drivers render.
   */
  BLACK,
  /** Some value is infinite or not a number, alpha included. */
  BROKEN
}
