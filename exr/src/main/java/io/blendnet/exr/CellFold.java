package io.blendnet.exr;

import io.blendnet.domain.Cell;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the rows of one cell's file into the scratch frame: pixels that held nothing get the file's
 * bits, others are merged. One for each thread.
 */
final class CellFold implements ExrReader.BlockVisitor {
  private final ScratchFrame scratch;
  private final MergePlan plan;
  private final RowLayout layout;
  private final Cell cell;
  private final Tile rendered;
  private final int channels;
  private final int[] held;
  private final float[] copied;
  private @Nullable MergeRun mergeRun;

  /**
   * @param layout of the file's rows
   * @param rendered what the file's pixels are; contains the cell's tile
   */
  CellFold(ScratchFrame scratch, MergePlan plan, RowLayout layout, Cell cell, Tile rendered) {
    this.scratch = scratch;
    this.plan = plan;
    this.layout = layout;
    this.cell = cell;
    this.rendered = rendered;
    this.channels = layout.names().size();
    this.held = new int[cell.tile().width()];
    this.copied = new float[cell.tile().width()];
  }

  @Override
  public void block(int firstRow, int rows, ByteBuffer pixels) throws IOException {
    Tile tile = cell.tile();
    for (int row = 0; row < rows; row++) {
      int y = rendered.y() + firstRow + row;
      if (y >= tile.y() && y < tile.bottom()) {
        foldRow(pixels, row, y);
      }
    }
  }

  private void foldRow(ByteBuffer pixels, int row, int y) throws IOException {
    Tile tile = cell.tile();
    scratch.claim(y);
    scratch.held(y, tile.x(), held, tile.width());
    int start = 0;
    while (start < tile.width()) {
      int end = start + 1;
      while (end < tile.width() && held[end] == held[start]) {
        end++;
      }
      if (held[start] == 0) {
        copy(pixels, row, y, start, end - start);
      } else {
        merge(pixels, row, y, start, end - start);
      }
      start = end;
    }
    scratch.setHeld(y, tile.x(), held, tile.width());
  }

  private void copy(ByteBuffer pixels, int row, int y, int start, int count) {
    MemorySegment source = MemorySegment.ofBuffer(pixels);
    int x = cell.tile().x() + start;
    for (int channel = 0; channel < channels; channel++) {
      switch (layout.type(channel)) {
        case FLOAT, UINT ->
            MemorySegment.copy(
                source,
                layout.at(row, channel, x - rendered.x()),
                scratch.bytes(),
                scratch.at(y, channel, x),
                count * 4L);
        case HALF -> {
          layout.floats(pixels, row, channel, x - rendered.x(), copied, 0, count);
          scratch.setValues(y, channel, x, copied, count);
        }
      }
    }
    int holds = cell.samples().size() | (cell.samples().first() == 0 ? ScratchFrame.HAS_FIRST : 0);
    Arrays.fill(held, start, start + count, holds);
  }

  private void merge(ByteBuffer pixels, int row, int y, int start, int count) throws IOException {
    MergeRun run = mergeRun();
    int x = cell.tile().x() + start;
    int samples = cell.samples().size();
    boolean hasFirst = cell.samples().first() == 0;
    run.begin(count, held[start] & ~ScratchFrame.HAS_FIRST, samples, hasFirst);
    for (int channel = 0; channel < channels; channel++) {
      scratch.values(y, channel, x, run.held[channel], 0, count);
      layout.bits(pixels, row, channel, x - rendered.x(), run.added[channel], count);
    }
    scratch.spill(y, x, run.spill, count);
    plan.merge(run);
    for (int channel = 0; channel < channels; channel++) {
      scratch.setValues(y, channel, x, run.held[channel], count);
    }
    scratch.setSpill(y, x, run.spill, count);
    int holds = (held[start] + samples) | (hasFirst ? ScratchFrame.HAS_FIRST : 0);
    Arrays.fill(held, start, start + count, holds);
  }

  private MergeRun mergeRun() {
    MergeRun ready = mergeRun;
    if (ready == null) {
      ready = new MergeRun(channels, plan.spillChannels(), cell.tile().width());
      mergeRun = ready;
    }
    return ready;
  }
}
