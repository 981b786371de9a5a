package io.blendnet.bench;

import io.blendnet.manager.Times;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a disk takes by itself to make sure of a little: no commit can be quicker. */
final class DiskTimes {
  private static final int BLOCK = 4096;
  private static final int APPENDS = 1_000;

  private DiskTimes() {}

  /** Appends a block and forces it to the disk, again and again. */
  static Times.Spread measure(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "disk-", ".bench");
    Times times = new Times();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
      for (int i = 0; i < APPENDS; i++) {
        long begun = System.nanoTime();
        channel.write(block.clear());
        channel.force(false);
        times.add(System.nanoTime() - begun);
      }
    } finally {
      Files.delete(file);
    }
    return times.spread();
  }
}
