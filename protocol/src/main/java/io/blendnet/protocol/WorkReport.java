package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Tile;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an agent has to say: about a lease, or about itself. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = WorkReport.Activity.class, name = "activity"),
  @JsonSubTypes.Type(value = WorkReport.Opened.class, name = "opened"),
  @JsonSubTypes.Type(value = WorkReport.Rendered.class, name = "rendered"),
  @JsonSubTypes.Type(value = WorkReport.Composed.class, name = "composed"),
  @JsonSubTypes.Type(value = WorkReport.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = WorkReport.Messages.class, name = "messages"),
  @JsonSubTypes.Type(value = WorkReport.Returned.class, name = "returned"),
  @JsonSubTypes.Type(value = WorkReport.Terminating.class, name = "terminating")
})
public sealed interface WorkReport {
  /** A report about a lease. It names its task, lease and attempt. */
  sealed interface OfLease extends WorkReport {
    String task();

    long lease();

    int attempt();
  }

  /**
   * What the agent is doing now, in words for a progress display: "Loading the scene", "Building
   * BVH".
   *
   * @param cell number of the cell in its lease, where one is being rendered
   */
  record Activity(String task, long lease, int attempt, String text, Optional<Integer> cell)
      implements OfLease {}

  /** The scene is open. */
  record Opened(String task, long lease, int attempt, SceneFacts facts) implements OfLease {}

  /**
   * A cell is rendered, read back, checked, and ready to be fetched.
   *
   * @param cell number of the cell in its lease
   * @param rendered the tile with its overscan: what the file's pixels are
   * @param delivery what to fetch
   * @param preview small tone-mapped picture of the tile (without overscan), base64 of a PNG
   */
  record Rendered(
      String task,
      long lease,
      int attempt,
      int cell,
      Tile rendered,
      DeliveryInfo delivery,
      CellTimings timings,
      Optional<String> preview)
      implements OfLease {}

  /**
   * The final picture is ready to be fetched.
   *
   * @param files the picture first, then what File Output nodes wrote
   * @param warnings for the user
   */
  record Composed(
      String task, long lease, int attempt, List<ComposedFile> files, List<String> warnings)
      implements OfLease {}

  /**
   * The lease ends here; its remaining steps will not be taken.
   *
   * @param cell number of the cell that failed; absent where opening or composing did
   * @param failure what kind of failure
   * @param message a sentence for the user
   * @param lines the most telling lines of Blender's output
   */
  record Failed(
      String task,
      long lease,
      int attempt,
      Optional<Integer> cell,
      FailureKind failure,
      String message,
      List<String> lines)
      implements OfLease {}

  /** Lines of Blender's output, for the task's messages. */
  record Messages(String task, long lease, int attempt, List<String> lines) implements OfLease {}

  /**
   * Cells that the agent gives back unasked, since it is about to end: it has not begun them and
   * never will.
   *
   * @param cells numbers within the lease; empty for a lease that opens or composes
   */
  record Returned(String task, long lease, int attempt, List<Integer> cells) implements OfLease {}

  /**
   * The agent is about to end. It takes no further lease.
   *
   * @param reason a sentence for the user
   * @param left until it ends at the latest
   */
  record Terminating(String reason, Duration left) implements WorkReport {}

  /**
   * A file to be fetched with {@code GET work/delivery/{id}} and given up with {@code DELETE}.
   *
   * @param id unique on the agent
   * @param size bytes
   * @param sha256 lower-case hex
   */
  record DeliveryInfo(String id, long size, String sha256) {}

  /**
   * One file of the final picture.
   *
   * @param path relative path with {@code /}; Blender's own name for the picture itself
   */
  record ComposedFile(String path, String contentType, DeliveryInfo delivery) {}
}
