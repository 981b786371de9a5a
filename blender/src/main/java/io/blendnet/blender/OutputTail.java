package io.blendnet.blender;

import io.blendnet.blender.BlenderLine.Problem;
import io.blendnet.blender.BlenderLine.Sampling;
import io.blendnet.blender.BlenderLine.Step;
import io.blendnet.blender.BlenderLine.Trouble;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The end of what Blender printed, for reports of errors: its last lines, and the problems since
 * the present step began. Bounded, whatever Blender prints. Thread-safe.
 */
final class OutputTail {
  private static final int LAST = 30;
  private static final int MOST_PROBLEMS = 20;

  /** Of the problems the first tell what went wrong, the others mostly what came of it. */
  private static final int MOST_TOLD = 10;

  private final Deque<BlenderLine> last = new ArrayDeque<>();
  private final List<Problem> problems = new ArrayList<>();
  private long peak;

  synchronized void add(BlenderLine line) {
    // Status lines come by the hundred; the newest alone says where Blender was.
    if (isStatus(line) && !last.isEmpty() && isStatus(last.getLast())) {
      last.removeLast();
    }
    last.addLast(line);
    if (last.size() > LAST) {
      last.removeFirst();
    }
    switch (line) {
      case Problem problem when problems.size() < MOST_PROBLEMS -> problems.add(problem);
      case Sampling sampling ->
          sampling.memory().ifPresent(use -> peak = Math.max(peak, use.peak()));
      case Step step -> step.memory().ifPresent(use -> peak = Math.max(peak, use.peak()));
      case Problem _, BlenderLine.Saved _, BlenderLine.Other _ -> {}
    }
  }

  private static boolean isStatus(BlenderLine line) {
    return line instanceof Step || line instanceof Sampling;
  }

  synchronized void beginStep() {
    problems.clear();
  }

  /** Whether there was such trouble since the step began. */
  synchronized boolean saw(Trouble trouble) {
    return problems.stream().anyMatch(problem -> problem.trouble() == trouble);
  }

  /** The newest problem of this kind since the step began. */
  synchronized Optional<String> newest(Trouble trouble) {
    return problems.stream()
        .filter(problem -> problem.trouble() == trouble)
        .map(Problem::text)
        .reduce((_, later) -> later);
  }

  /** The most memory that Blender counted, in bytes; 0 while it said nothing. */
  synchronized long peak() {
    return peak;
  }

  /** Problems of this step, then the last lines, oldest first, none twice. */
  synchronized List<String> telling() {
    List<String> lines = new ArrayList<>();
    problems.stream()
        .filter(problem -> !last.contains(problem))
        .limit(MOST_TOLD)
        .map(Problem::text)
        .forEach(lines::add);
    last.stream().map(BlenderLine::text).filter(text -> !text.isBlank()).forEach(lines::add);
    return lines;
  }
}
