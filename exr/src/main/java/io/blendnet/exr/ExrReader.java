package io.blendnet.exr;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.DataFormatException;

/**
 * Reads an OpenEXR file of scanlines, block by block, on all cores. Never more than a few blocks
 * are in memory, except for the planes that are asked for.
 *
 * <p>Files are not trusted: sizes, counts and offsets are checked against the file's length before
 * memory is spent on them, and whatever is wrong ends in an {@link ExrFormatException}. Tiled, deep
 * and multi-part files are refused. Thread-safe until closed.
 */
public final class ExrReader implements Closeable {
  /** Far more than the largest Cryptomatte manifests. */
  private static final int HEADER_LIMIT = 64 << 20;

  /** More than 16 rows of a picture 65,536 pixels wide with 60 float channels. */
  private static final int BLOCK_LIMIT = 256 << 20;

  private static final int KNOWN_FLAGS = 0x1e00;
  private static final int TILED = 0x200;
  private static final int DEEP = 0x800;
  private static final int MULTI_PART = 0x1000;

  /** What a block of pixels begins with: its first row and its length. */
  private static final int BLOCK_HEADER = 8;

  private final Path file;
  private final FileChannel channel;
  private final long fileSize;
  private final ExrHeader header;
  private final long[] offsets;

  /** Takes the pixels of a block of rows. */
  @FunctionalInterface
  public interface BlockVisitor {
    /**
     * Called by several threads at once, for each block once, in no promised order.
     *
     * @param firstRow counted from the top of the data window
     * @param rows number of rows, at least 1
     * @param pixels little-endian, valid during the call only: for each row, for each channel in
     *     the header's order, the values from left to right
     */
    void block(int firstRow, int rows, ByteBuffer pixels) throws IOException;
  }

  private ExrReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.fileSize = channel.size();
    try {
      HeaderBytes in = new HeaderBytes(channel, fileSize);
      header = readHeader(in);
      checkSizes();
      offsets = readOffsets(in);
    } catch (IllegalArgumentException e) {
      throw new ExrFormatException(file, String.valueOf(e.getMessage()), e);
    } catch (EOFException e) {
      throw new ExrFormatException(file, "the file ends early, at " + fileSize + " bytes", e);
    }
  }

  /**
   * Reads the header and the table of blocks.
   *
   * @throws ExrFormatException where the file is damaged or of a kind not read here
   * @throws java.nio.file.NoSuchFileException where there is none
   */
  public static ExrReader open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new ExrReader(file, channel);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  public ExrHeader header() {
    return header;
  }

  public Path file() {
    return file;
  }

  /** Reads all pixels. */
  public void read(BlockVisitor visitor) throws IOException {
    readWith(() -> visitor);
  }

  /** Reads all pixels, with a visitor for each thread. */
  void readWith(Supplier<? extends BlockVisitor> visitors) throws IOException {
    readWith(0, offsets.length, visitors);
  }

  /** Reads the blocks {@code [first, end)}, with a visitor for each thread. */
  void readWith(int first, int end, Supplier<? extends BlockVisitor> visitors) throws IOException {
    Cores.forEach(
        end - first,
        header.rowBytes() * header.rowsOf(0),
        () -> new BlockReader(first, visitors.get()));
  }

  /**
   * Reads one channel as floats, row by row from the top. Halves are widened; unsigned integers
   * become the nearest float.
   *
   * @throws IllegalArgumentException where there is no such channel
   */
  public float[] plane(String channelName) throws IOException {
    return planes(List.of(channelName)).getFirst();
  }

  /** Reads several channels in one go; see {@link #plane}. */
  public List<float[]> planes(List<String> channelNames) throws IOException {
    RowLayout layout = RowLayout.of(header);
    int[] indices = new int[channelNames.size()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = layout.indexOf(channelNames.get(i));
      if (indices[i] < 0) {
        throw new IllegalArgumentException(
            file + " has no channel '" + channelNames.get(i) + "'; it has " + layout.names());
      }
    }
    int width = header.dataWindow().width();
    long area = (long) width * header.dataWindow().height();
    if (area > Integer.MAX_VALUE - 8) {
      throw new ExrFormatException(file, "too many pixels for a plane in memory: " + area);
    }
    List<float[]> planes = new ArrayList<>();
    for (int i = 0; i < indices.length; i++) {
      planes.add(new float[(int) area]);
    }
    read((firstRow, rows, pixels) -> {
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < indices.length; i++) {
          layout.floats(pixels, row, indices[i], 0, planes.get(i), (firstRow + row) * width, width);
        }
      }
    });
    return planes;
  }

  /**
   * Reads everything once, and finds out whether it can be: each block is there and unpacks to its
   * full length.
   */
  public void verify() throws IOException {
    read((_, _, _) -> {});
  }

  private ExrHeader readHeader(HeaderBytes in) throws IOException {
    if (fileSize == 0) {
      throw new IllegalArgumentException("the file is empty");
    }
    if (fileSize < 8 || in.nextInt() != ExrHeader.MAGIC) {
      throw new IllegalArgumentException("this is no OpenEXR file");
    }
    int versionAndFlags = in.nextInt();
    int version = versionAndFlags & 0xff;
    int flags = versionAndFlags & ~0xff;
    if (version != ExrHeader.VERSION) {
      throw new IllegalArgumentException("OpenEXR version " + version + " is not read here");
    }
    refuse(flags, MULTI_PART, "a multi-part file; save it as one part");
    refuse(flags, DEEP, "a deep file; save it flattened");
    refuse(flags, TILED, "a tiled file; save it as scanlines");
    if ((flags & ~KNOWN_FLAGS) != 0) {
      throw new IllegalArgumentException("unknown flags 0x%x".formatted(flags));
    }
    List<ExrAttribute> attributes = new ArrayList<>();
    for (String name = in.nextName(); !name.isEmpty(); name = in.nextName()) {
      String type = in.nextName();
      int size = in.nextInt();
      if (size < 0 || size > HEADER_LIMIT || in.position() + size > HEADER_LIMIT) {
        throw new IllegalArgumentException(
            "the attribute '%s' claims %d bytes".formatted(name, size & 0xffff_ffffL));
      }
      attributes.add(new ExrAttribute(name, type, in.next(size)));
    }
    return new ExrHeader(attributes);
  }

  private static void refuse(int flags, int flag, String what) {
    if ((flags & flag) != 0) {
      throw new IllegalArgumentException(what + "; this kind is not read here");
    }
  }

  private void checkSizes() {
    Compression compression = header.compression();
    long block = header.rowBytes() * Math.min(header.rowsOf(0), compression.rowsPerBlock());
    if (block > BLOCK_LIMIT) {
      throw new IllegalArgumentException(
          "a block of %d bytes; %d are read at most".formatted(block, BLOCK_LIMIT));
    }
    long claimed = header.rowBytes() * header.dataWindow().height();
    if (claimed > BlockCodec.unpackedLimit(compression, fileSize)) {
      throw new IllegalArgumentException(
          "the file is cut off: it claims %d bytes of pixels, and has %d bytes in all"
              .formatted(claimed, fileSize));
    }
  }

  private long[] readOffsets(HeaderBytes in) throws IOException {
    int count = header.blockCount();
    ByteBuffer table = ByteBuffer.wrap(in.next(count * Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    long firstPossible = in.position();
    long[] table64 = new long[count];
    table.asLongBuffer().get(table64);
    for (int block = 0; block < count; block++) {
      long offset = table64[block];
      if (offset == 0) {
        throw new IllegalArgumentException(
            "the file was not written to its end: block %d of %d is missing"
                .formatted(block, count));
      }
      if (offset < firstPossible || offset > fileSize - BLOCK_HEADER) {
        throw new IllegalArgumentException(
            "block %d of %d lies outside the file, at %d".formatted(block, count, offset));
      }
    }
    return table64;
  }

  /** Reads blocks for one thread and keeps the buffers from one to the next. */
  private final class BlockReader implements Cores.Worker {
    private final int first;
    private final BlockVisitor visitor;
    private final BlockCodec codec = new BlockCodec(header.compression());
    private final ByteBuffer blockHeader =
        ByteBuffer.allocate(BLOCK_HEADER).order(ByteOrder.LITTLE_ENDIAN);
    private byte[] packed = new byte[0];
    private byte[] raw = new byte[0];

    BlockReader(int first, BlockVisitor visitor) {
      this.first = first;
      this.visitor = visitor;
    }

    @Override
    public void take(int piece) throws IOException {
      int block = first + piece;
      int rows = header.rowsOf(block);
      int firstRow = block * header.compression().rowsPerBlock();
      // Fits an int: checkSizes() refused larger ones.
      int length = (int) (header.rowBytes() * rows);
      long offset = offsets[block];
      readFully(blockHeader.clear(), offset);
      int y = blockHeader.getInt(0);
      int size = blockHeader.getInt(4);
      if (y != header.dataWindow().yMin() + firstRow) {
        throw new ExrFormatException(
            file, "where row %d should begin, row %d does".formatted(firstRow, y));
      }
      if (size < 0
          || size > length
          || size > fileSize - offset - BLOCK_HEADER
          || length > BlockCodec.unpackedLimit(header.compression(), size)) {
        throw new ExrFormatException(
            file,
            "the block at row %d claims %d bytes, of %d unpacked, in a file of %d"
                .formatted(firstRow, size, length, fileSize));
      }
      if (packed.length < size) {
        packed = new byte[size];
      }
      readFully(ByteBuffer.wrap(packed, 0, size), offset + BLOCK_HEADER);
      byte[] pixels = packed;
      if (size != length) {
        if (raw.length < length) {
          raw = new byte[length];
        }
        try {
          codec.unpack(packed, size, raw, length);
        } catch (DataFormatException e) {
          throw new ExrFormatException(
              file, "the block at row %d is damaged: %s".formatted(firstRow, e.getMessage()), e);
        }
        pixels = raw;
      }
      visitor.block(
          firstRow, rows, ByteBuffer.wrap(pixels, 0, length).order(ByteOrder.LITTLE_ENDIAN));
    }

    private void readFully(ByteBuffer into, long position) throws IOException {
      long at = position;
      while (into.hasRemaining()) {
        int step = channel.read(into, at);
        if (step < 0) {
          throw new ExrFormatException(file, "the file became shorter while it was read");
        }
        at += step;
      }
    }

    @Override
    public void close() {
      codec.close();
    }
  }

  /** The bytes of a header, from the front. */
  private static final class HeaderBytes {
    private final FileChannel channel;
    private final long fileSize;
    private ByteBuffer ahead = ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
    private long aheadEnd;

    HeaderBytes(FileChannel channel, long fileSize) {
      this.channel = channel;
      this.fileSize = fileSize;
    }

    long position() {
      return aheadEnd - ahead.remaining();
    }

    int nextInt() throws IOException {
      need(Integer.BYTES);
      return ahead.getInt();
    }

    byte[] next(int length) throws IOException {
      need(length);
      byte[] bytes = new byte[length];
      ahead.get(bytes);
      return bytes;
    }

    String nextName() throws IOException {
      need((int) Math.min(256, fileSize - position()));
      return ExrHeader.readName(ahead);
    }

    /** Has at least that many bytes ready, and reads some more while at it. */
    private void need(int length) throws IOException {
      if (ahead.remaining() >= length) {
        return;
      }
      if (length > fileSize - position()) {
        throw new EOFException();
      }
      int wanted = (int) Math.min(Math.max(length, 8192), fileSize - position());
      ByteBuffer fresh = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN);
      fresh.put(ahead);
      while (fresh.hasRemaining()) {
        int step = channel.read(fresh, aheadEnd);
        if (step < 0) {
          throw new EOFException();
        }
        aheadEnd += step;
      }
      ahead = fresh.flip();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
