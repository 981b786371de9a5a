package io.blendnet.exr;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cells of a small scene with every pass, rendered by the real Blender in one go. */
final class RenderedCells {
  static final FrameSize SIZE = new FrameSize(64, 36);

  private final Path folder;
  private final boolean adaptive;
  private final boolean volume;
  private final List<Rendered> ordered = new ArrayList<>();

  /**
   * @param rendered the tile with its overscan
   */
  record Rendered(Cell cell, Tile rendered, Path file) {}

  RenderedCells(Path folder, boolean adaptive, boolean volume) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.adaptive = adaptive;
    this.volume = volume;
  }

  /** Asks for a cell; the file is there after {@link #render}. */
  Rendered order(Tile tile, int overscan, int first, int end) {
    Cell cell = new Cell(tile, new SampleRange(first, end));
    Path file = folder.resolve("cell-" + ordered.size() + ".exr");
    Rendered rendered = new Rendered(cell, tile.grown(overscan, SIZE), file);
    ordered.add(rendered);
    return rendered;
  }

  void render() throws IOException, InterruptedException {
    List<String> cells = new ArrayList<>();
    for (Rendered rendered : ordered) {
      Tile tile = rendered.rendered();
      cells.add(
          String.format(
              Locale.ROOT,
              """
              {"x": %d, "y": %d, "width": %d, "height": %d, "first": %d, "end": %d, "path": "%s"}\
              """,
              tile.x(),
              tile.y(),
              tile.width(),
              tile.height(),
              rendered.cell().samples().first(),
              rendered.cell().samples().end(),
              rendered.file()));
    }
    Path order = folder.resolve("order.json");
    Files.writeString(
        order,
        "{\"adaptive\": %s, \"volume\": %s, \"cells\": [%s]}"
            .formatted(adaptive, volume, String.join(",\n", cells)));
    Path script = folder.resolve("render_cells.py");
    try (InputStream in = RenderedCells.class.getResourceAsStream("render_cells.py")) {
      Files.write(script, in.readAllBytes());
    }
    Tools.run(
        "blender",
        "-b",
        "--factory-startup",
        "-noaudio",
        "--python-exit-code",
        "42",
        "-P",
        script.toString(),
        "--",
        order.toString());
  }
}
