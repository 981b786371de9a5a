package io.blendnet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * What the farm is doing about a task. An addition of ours to API v1.
 *
 * @param phase what happens now, in words for a progress display: "Rendering", "Composing"
 * @param strategy the strategy taken, by its label, once decided
 * @param reason why that strategy: a sentence for the user, empty until decided
 * @param cellsStored cells whose result is stored
 * @param cells cells that the frame is cut into so far, stored ones included
 * @param agents who takes or took part
 * @param warnings for the user, such as denoising that no Blender of the farm can do
 */
public record TaskProgress(
    String phase,
    Optional<String> strategy,
    String reason,
    int cellsStored,
    int cells,
    List<AgentShare> agents,
    List<String> warnings) {
  public static final TaskProgress NONE =
      new TaskProgress("", Optional.empty(), "", 0, 0, List.of(), List.of());

  public TaskProgress {
    agents = List.copyOf(agents);
    warnings = List.copyOf(warnings);
  }

  /**
   * One agent's part in a task.
   *
   * @param agent its name
   * @param done share of the frame that it rendered and that is stored, 0 to 1
   * @param cellsStored its cells whose result is stored
   * @param activity what it does now, in words; empty when it does nothing for this task
   */
  public record AgentShare(String agent, double done, int cellsStored, String activity) {}
}
