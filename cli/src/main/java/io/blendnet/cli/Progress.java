package io.blendnet.cli;

import io.blendnet.domain.TaskState;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How far the frames of one command are, at one moment.
 *
 * @param elapsed since the work was handed to the Manager
 * @param frames in the order asked for
 * @param agents every agent of the farm, by name
 */
record Progress(Duration elapsed, List<Frame> frames, List<Agent> agents) {
  Progress {
    frames = List.copyOf(frames);
    agents = agents.stream().sorted(Comparator.comparing(Agent::name)).toList();
  }

  /**
   * A frame.
   *
   * @param done 0 to 1
   * @param remaining as the Manager expects it
   * @param phase what happens to it now, in words; may be empty
   * @param strategy how it is cut; empty until that is decided
   */
  record Frame(
      int number,
      TaskState state,
      double done,
      long cellsDone,
      long cellsTotal,
      Optional<Duration> remaining,
      String phase,
      String strategy) {}

  /**
   * An agent.
   *
   * @param activity what it does now, in words
   * @param share of these frames that it has rendered, 0 to 1
   * @param cells that it has rendered of them
   */
  record Agent(String name, String activity, double share, long cells) {}

  /** 0 to 1, over all frames. */
  double done() {
    return frames.stream().mapToDouble(Frame::done).average().orElse(0);
  }

  long cellsDone() {
    return frames.stream().mapToLong(Frame::cellsDone).sum();
  }

  long cellsTotal() {
    return frames.stream().mapToLong(Frame::cellsTotal).sum();
  }

  /**
   * Until all frames are done. What the Manager expects for the frames in progress says nothing of
   * those that wait, so with several the speed so far is taken.
   */
  Optional<Duration> remaining() {
    if (frames.size() == 1) {
      return frames.getFirst().remaining();
    }
    double done = done();
    if (done < 0.02) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis((long) (elapsed.toMillis() * (1 - done) / done)));
  }
}
