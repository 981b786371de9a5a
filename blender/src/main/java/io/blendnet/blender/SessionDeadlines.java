package io.blendnet.blender;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * When a step of a session counts as hung. Each step has an end that it must not pass. Before that,
 * a Blender that neither prints nor uses the processor ({@code idle}) is given up, and so is one
 * that is busy but has printed nothing for much longer ({@code silent}): Cycles without a window
 * prints every 30 seconds or so.
 *
 * @param start until the session script answers
 * @param open reading a scene
 * @param files listing the files of a scene
 * @param firstCell a cell of which nothing is known yet
 * @param compose the final picture
 * @param idle without output and with less than 1 % of one core
 * @param silent without output
 * @param shortestCell the least time a later cell is given
 * @param cellFactor a later cell is given this many times what it should take by the slowest cell
 *     so far, but not less than {@code shortestCell}
 */
public record SessionDeadlines(
    Duration start,
    Duration open,
    Duration files,
    Duration firstCell,
    Duration compose,
    Duration idle,
    Duration silent,
    Duration shortestCell,
    int cellFactor) {
  /** Bears slow disks, cold caches and whole frames that take a day. */
  public static final SessionDeadlines DEFAULT =
      new SessionDeadlines(
          Duration.ofMinutes(2),
          Duration.ofMinutes(30),
          Duration.ofMinutes(30),
          Duration.ofHours(24),
          Duration.ofHours(1),
          Duration.ofMinutes(10),
          Duration.ofMinutes(40),
          Duration.ofMinutes(15),
          30);

  public SessionDeadlines {
    if (Stream.of(start, open, files, firstCell, compose, idle, silent, shortestCell)
        .anyMatch(duration -> !duration.isPositive())) {
      throw new IllegalArgumentException("A deadline is longer than nothing");
    }
    if (cellFactor < 2) {
      throw new IllegalArgumentException(
          "Cells differ: the factor for a later cell is at least 2, not " + cellFactor);
    }
  }
}
