package io.blendnet.exr;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints how long the stages of a frame take: {@code FrameTiming FOLDER [WIDTH HEIGHT CHANNELS
 * [ROUNDS]]}, three rounds by default, as the first one warms up. No test.
 */
final class FrameTiming {
  private static final int COLUMNS = 8;
  private static final int ROWS = 4;

  private FrameTiming() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int width = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1920;
    int height = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1080;
    int channels = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 12;
    int rounds = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 3;
    FrameSize size = new FrameSize(width, height);
    List<ExrChannel> list = new ArrayList<>();
    for (String component : List.of("A", "B", "G", "R")) {
      list.add(new ExrChannel("Layer.Combined." + component, PixelType.FLOAT));
    }
    for (int i = list.size(); i < channels; i++) {
      list.add(new ExrChannel("Layer.Pass%02d.X".formatted(i), PixelType.FLOAT));
    }
    List<Tile> tiles = tiles(size);
    List<Path> files = new ArrayList<>();
    for (Tile tile : tiles) {
      Path file = folder.resolve("cell-" + files.size() + ".exr");
      FrameSize tileSize = new FrameSize(tile.width(), tile.height());
      SampleFiles.write(
          file,
          ExrHeader.of(tileSize, list, Compression.NONE)
              .with(ExrAttribute.string("cycles.Layer.samples", "16")),
          (channel, x, y) -> noisy(channel, tile.x() + x, tile.y() + y));
      files.add(file);
    }
    for (int round = 0; round < rounds; round++) {
      try (FrameAssembly frame = FrameAssembly.create(folder, size, List.of())) {
        print("fold of %d cells".formatted(tiles.size()), add(frame, tiles, files, 0));
        print("preview 512", time(() -> frame.preview(512)));
        print("preview whole", time(() -> frame.preview(65_536)));
        Path target = folder.resolve("frame.exr");
        print("write ZIP", time(() -> frame.write(target, Compression.ZIP)));
        System.out.printf(
            "  %d MB of %d%n", Files.size(target) >> 20, (size.area() * channels) >> 18);
        print("check", time(() -> CellCheck.check(target, size.whole(), 16)));
        print("write NONE", time(() -> frame.write(target, Compression.NONE)));
        print("merge of %d cells".formatted(tiles.size()), add(frame, tiles, files, 16));
        print("merge of %d cells".formatted(tiles.size()), add(frame, tiles, files, 32));
      }
    }
    System.out.printf("heap at most %d MB%n", Runtime.getRuntime().totalMemory() >> 20);
  }

  private static Spent add(FrameAssembly frame, List<Tile> tiles, List<Path> files, int first)
      throws IOException {
    return time(() -> {
      for (int i = 0; i < tiles.size(); i++) {
        Cell cell = new Cell(tiles.get(i), new SampleRange(first, first + 16));
        frame.add(cell, tiles.get(i), files.get(i));
      }
    });
  }

  private static List<Tile> tiles(FrameSize size) {
    List<Tile> tiles = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        int left = size.width() * column / COLUMNS;
        int top = size.height() * row / ROWS;
        int right = size.width() * (column + 1) / COLUMNS;
        int bottom = size.height() * (row + 1) / ROWS;
        tiles.add(new Tile(left, top, right - left, bottom - top));
      }
    }
    return tiles;
  }

  /** A soft picture with the noise of a render. */
  private static float noisy(String channel, int x, int y) {
    int hash = x * 73_856_093 ^ y * 19_349_663 ^ channel.hashCode();
    hash = (hash ^ (hash >>> 16)) * 0x45d9f3b;
    hash = (hash ^ (hash >>> 16)) * 0x45d9f3b;
    float noise = ((hash ^ (hash >>> 16)) >>> 12) / (float) (1 << 20);
    return channel.endsWith("A") ? 1 : 0.2f + x * 0.001f + y * 0.0005f + noise * 0.02f;
  }

  private interface Stage {
    void run() throws IOException;
  }

  private static Spent time(Stage stage) throws IOException {
    long start = System.nanoTime();
    Duration before = processorTime();
    stage.run();
    return new Spent(Duration.ofNanos(System.nanoTime() - start), processorTime().minus(before));
  }

  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private record Spent(Duration wall, Duration processor) {}

  private static void print(String stage, Spent spent) {
    System.out.printf(
        "%-20s %6d ms, %6d ms of processor time%n",
        stage, spent.wall().toMillis(), spent.processor().toMillis());
  }
}
