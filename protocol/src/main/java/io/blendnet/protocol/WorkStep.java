package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.blendnet.domain.Cell;

/** One step of a lease. An agent takes the steps of a lease in order. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = WorkStep.Open.class, name = "open"),
  @JsonSubTypes.Type(value = WorkStep.Render.class, name = "render"),
  @JsonSubTypes.Type(value = WorkStep.Compose.class, name = "compose")
})
public sealed interface WorkStep {
  /** Opens the scene and reports its facts; answered at once where the session has it open. */
  record Open() implements WorkStep {}

  /**
   * Renders a cell and keeps the result for delivery.
   *
   * @param number of the cell within its lease, from 0
   * @param overscan pixels around the tile that are rendered with it and cut away by the assembly
   * @param exactPattern true: the scene's own sampling pattern is replaced by one that does not
   *     depend on the length of a range
   */
  record Render(int number, Cell cell, int overscan, boolean exactPattern) implements WorkStep {}

  /**
   * Makes the final picture from the assembled frame.
   *
   * @param frameBlob SHA-256 of the assembled multilayer EXR, uploaded as a blob before
   */
  record Compose(String frameBlob) implements WorkStep {}
}
