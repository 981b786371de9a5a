package io.blendnet.blender;

import io.blendnet.domain.Tile;
import java.time.Duration;
import java.util.List;

/**
 * A rendered cell.
 *
 * @param rendered the tile with its overscan: what the file's pixels are
 * @param sync before the first sample: scene changes, acceleration structure
 * @param render the samples themselves
 * @param save writing the file
 * @param warnings for the user, such as a sampling pattern that is not the scene's own
 */
public record RenderedCell(
    Tile rendered, Duration sync, Duration render, Duration save, List<String> warnings) {
  public RenderedCell {
    warnings = List.copyOf(warnings);
  }
}
