package io.blendnet.protocol;

import io.blendnet.domain.Strategy;
import java.util.Optional;

/**
 * The configuration of a task, {@code PUT task/{name}/config}. What is absent is left to the scene
 * or to the farm.
 *
 * @param project path of the .blend, relative to {@code projectPath} or absolute
 * @param projectPath absolute folder of the project on the submitting machine
 * @param cwdPath absolute working folder on the submitting machine
 * @param samples samples a pixel, at least 1
 * @param seed 0 to 2147483647
 * @param frame Blender's frame number, at least 0
 * @param agentsNum how many agents may work on the task, at least 1
 * @param useCompositingNodes false: the picture is the plain render
 * @param composeFilepath where the submitter wants the picture; kept verbatim, never opened here
 * @param strategy how the frame is cut
 * @param trustScripts whether scripts and drivers in the .blend may run
 * @param priority how urgent the task is, -100 to 100; see {@link TaskPriority}
 */
public record TaskConfig(
    Optional<String> project,
    Optional<String> projectPath,
    Optional<String> cwdPath,
    Optional<Integer> samples,
    Optional<Integer> seed,
    Optional<Integer> frame,
    Optional<Integer> agentsNum,
    Optional<Boolean> useCompositingNodes,
    Optional<String> composeFilepath,
    Optional<Strategy> strategy,
    Optional<Boolean> trustScripts,
    Optional<Integer> priority) {
  /** All left open. */
  public static final TaskConfig EMPTY =
      new TaskConfig(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** What Cycles takes at most. */
  public static final int MOST_SAMPLES = 1 << 24;

  public TaskConfig {
    atLeast(samples, 1, "samples");
    if (samples.isPresent() && samples.get() > MOST_SAMPLES) {
      throw new InvalidFieldException(
          "samples", "'samples' must be at most %d, as in Cycles".formatted(MOST_SAMPLES));
    }
    atLeast(seed, 0, "seed");
    atLeast(frame, 0, "frame");
    atLeast(agentsNum, 1, "agents_num");
    project.ifPresent(path -> WirePaths.check("project", path));
    projectPath.ifPresent(path -> WirePaths.checkFolder("project_path", path));
    cwdPath.ifPresent(path -> WirePaths.checkFolder("cwd_path", path));
    priority.ifPresent(TaskPriority::check);
  }

  /** The configuration of a frame of a project, all else left open. */
  public static TaskConfig of(String project, int frame) {
    Optional<Integer> none = Optional.empty();
    return new TaskConfig(
        Optional.of(project),
        Optional.empty(),
        Optional.empty(),
        none,
        none,
        Optional.of(frame),
        none,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        none);
  }

  private static void atLeast(Optional<Integer> value, int least, String field) {
    value.ifPresent(number -> {
      if (number < least) {
        throw new InvalidFieldException(
            field, "'%s' must be at least %d, not %d".formatted(field, least, number));
      }
    });
  }
}
