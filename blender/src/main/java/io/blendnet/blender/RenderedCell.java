package io.blendnet.blender;

import io.blendnet.domain.Tile;
import java.time.Duration;

/**
 * A rendered cell.
 *
 * @param rendered the tile with its overscan: what the file's pixels are
 * @param sync before the first sample: scene changes, acceleration structure
 * @param render the samples themselves
 * @param save writing the file
 */
public record RenderedCell(Tile rendered, Duration sync, Duration render, Duration save) {}
