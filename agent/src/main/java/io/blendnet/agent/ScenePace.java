package io.blendnet.agent;

import io.blendnet.domain.Cell;
import io.blendnet.protocol.SceneOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How long the cells of a scene take and how large their files are, by the latest of them: an
 * estimate on the safe side, since parts of a picture differ a lot. Of one scene at a time.
 * Thread-safe.
 */
final class ScenePace {
  private static final int LATEST = 8;

  /**
   * What a cell has cost.
   *
   * @param samples the time of the samples themselves
   * @param around the time of everything else, which does not grow with them
   * @param bytes of its file
   */
  record Cost(Cell cell, Duration samples, Duration around, long bytes) {
    private double nanosFor(Cell other) {
      double ratio = (double) other.work() / Math.max(1, cell.work());
      return around.toNanos() + samples.toNanos() * ratio;
    }

    private double bytesFor(Cell other) {
      return (double) bytes * other.tile().area() / Math.max(1, cell.tile().area());
    }
  }

  private final Deque<Cost> latest = new ArrayDeque<>();
  private Optional<SceneOrder> scene = Optional.empty();

  synchronized void record(SceneOrder order, Cost cost) {
    if (!scene.equals(Optional.of(order))) {
      scene = Optional.of(order);
      latest.clear();
    }
    latest.addLast(cost);
    if (latest.size() > LATEST) {
      latest.removeFirst();
    }
  }

  /** How long a cell will take; absent where nothing is known about its scene. */
  synchronized Optional<Duration> timeFor(SceneOrder order, Cell cell) {
    if (!scene.equals(Optional.of(order))) {
      return Optional.empty();
    }
    double nanos = latest.stream().mapToDouble(cost -> cost.nanosFor(cell)).max().orElseThrow();
    return Optional.of(Duration.ofNanos((long) nanos));
  }

  /** How many bytes a cell's file will have; 0 where nothing is known about its scene. */
  synchronized long bytesFor(SceneOrder order, Cell cell) {
    if (!scene.equals(Optional.of(order))) {
      return 0;
    }
    return (long) latest.stream().mapToDouble(cost -> cost.bytesFor(cell)).max().orElseThrow();
  }
}
