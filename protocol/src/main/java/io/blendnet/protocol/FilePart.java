package io.blendnet.protocol;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file from a place on to its end. */
final class FilePart implements BodySource {
  /** Larger ones make it no faster. */
  private static final int BUFFER = 256 * 1024;

  private final OfferedFile file;
  private final FileChannel channel;
  private long left;

  private FilePart(OfferedFile file, FileChannel channel, long left) {
    this.file = file;
    this.channel = channel;
    this.left = left;
  }

  static FilePart open(OfferedFile file, long first) throws IOException {
    file.checkSize();
    return new FilePart(
        file,
        FileChannel.open(file.file(), StandardOpenOption.READ).position(first),
        file.size() - first);
  }

  @Override
  public Optional<ByteBuffer> next() throws IOException {
    if (left == 0) {
      return Optional.empty();
    }
    var buffer = ByteBuffer.allocate((int) Math.min(BUFFER, left));
    int count = channel.read(buffer);
    if (count < 0) {
      throw new FileChangedException(file.file());
    }
    left -= count;
    return Optional.of(buffer.flip());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
