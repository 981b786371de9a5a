package io.blendnet.blender;

import io.blendnet.domain.Cell;
import java.nio.file.Path;

/**
 * A cell to render with the scene that is open.
 *
 * @param frame Blender's frame number
 * @param cell tile (without overscan) and samples; for an engine without sample ranges the whole
 *     frame and {@code [0, 1)}
 * @param overscan pixels around the tile that are rendered with it, at least 0
 * @param totalSamples samples a pixel of the whole frame
 * @param exactPattern whether the scene's sampling pattern is replaced by one that does not depend
 *     on the length of a range
 * @param output name of the finished file. The session writes {@link #partial()} alone: the caller
 *     reads that back, checks it and renames it, because a full disk leaves a broken file that
 *     Blender calls saved.
 */
public record CellRequest(
    int frame, Cell cell, int overscan, int totalSamples, boolean exactPattern, Path output) {
  public CellRequest {
    if (overscan < 0) {
      throw new IllegalArgumentException("Overscan is at least 0 pixels, not " + overscan);
    }
    if (totalSamples < cell.samples().end()) {
      throw new IllegalArgumentException(
          "The cell %s reaches beyond the frame's %d samples".formatted(cell, totalSamples));
    }
    output = output.toAbsolutePath();
  }

  /** The same, saved elsewhere. */
  public CellRequest to(Path otherOutput) {
    return new CellRequest(frame, cell, overscan, totalSamples, exactPattern, otherOutput);
  }

  /** What the session writes: the output's name with {@code .part} behind it. */
  public Path partial() {
    return output.resolveSibling(output.getFileName() + ".part");
  }
}
