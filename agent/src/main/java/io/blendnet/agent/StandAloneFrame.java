package io.blendnet.agent;

import io.blendnet.domain.Cell;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Tile;
import io.blendnet.exr.Compression;
import io.blendnet.exr.FrameAssembly;
import io.blendnet.exr.PreviewPicture;
import io.blendnet.security.FolderTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The frame of a task while it grows, in a folder of its own. Belongs to one thread. */
final class StandAloneFrame implements Closeable {
  private static final int PREVIEW_SIDE = 960;

  /** A preview of a large frame takes a while, and nobody looks more often. */
  private static final Duration PREVIEW_PAUSE = Duration.ofSeconds(1);

  private final Path folder;
  private final FrameAssembly assembly;
  private final int samples;
  private long previewedAt = System.nanoTime() - PREVIEW_PAUSE.toNanos();

  /**
   * @param folder is made, and removed in the end
   */
  StandAloneFrame(Path folder, FramePlan plan) throws IOException {
    this.folder = Files.createDirectory(folder);
    this.assembly =
        FrameAssembly.create(
            folder.resolve("scratch"), plan.cut().size(), plan.facts().addedPasses());
    this.samples = plan.cut().samples();
  }

  void add(Cell cell, Tile rendered, Path exr) throws IOException {
    assembly.add(cell, rendered, exr);
  }

  boolean isComplete() {
    return assembly.isComplete(samples);
  }

  /** Whether it is time for another preview. */
  boolean wantsPreview() {
    return isComplete() || System.nanoTime() - previewedAt >= PREVIEW_PAUSE.toNanos();
  }

  /** A file with a PNG of what is there so far. */
  Path preview() throws IOException {
    Path file = folder.resolve("preview.png");
    Files.write(file, PreviewPicture.png(assembly.preview(PREVIEW_SIDE), Integer.MAX_VALUE));
    previewedAt = System.nanoTime();
    return file;
  }

  /** A file with the whole frame. */
  Path write() throws IOException {
    Path file = folder.resolve("frame.exr");
    assembly.write(file, Compression.ZIP);
    return file;
  }

  @Override
  public void close() throws IOException {
    assembly.close();
    FolderTree.discard(folder);
  }
}
