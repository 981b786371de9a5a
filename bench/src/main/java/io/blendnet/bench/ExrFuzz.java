package io.blendnet.bench;

import io.blendnet.domain.FrameSize;
import io.blendnet.domain.Tile;
import io.blendnet.exr.CellCheck;
import io.blendnet.exr.Compression;
import io.blendnet.exr.ExrChannel;
import io.blendnet.exr.ExrFormatException;
import io.blendnet.exr.ExrHeader;
import io.blendnet.exr.ExrReader;
import io.blendnet.exr.ExrWriter;
import io.blendnet.exr.PixelType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The reader of EXR files, and the check that every delivered cell goes through. */
public final class ExrFuzz implements FuzzTarget {
  private static final FrameSize SIZE = new FrameSize(19, 21);
  private static final ExrFuzz SELF = new ExrFuzz();

  private final Path file;

  /** With a file of its own. */
  ExrFuzz() {
    try {
      Path memory = Path.of("/dev/shm");
      file =
          Files.isDirectory(memory)
              ? Files.createTempFile(memory, "fuzz", ".exr")
              : Files.createTempFile("fuzz", ".exr");
      file.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For Jazzer. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    SELF.take(bytes);
  }

  @Override
  public String name() {
    return "exr";
  }

  @Override
  public List<byte[]> samples() throws IOException {
    List<ExrChannel> channels =
        List.of(
            new ExrChannel("Layer.Combined.A", PixelType.FLOAT),
            new ExrChannel("Layer.Combined.B", PixelType.FLOAT),
            new ExrChannel("Layer.Combined.G", PixelType.FLOAT),
            new ExrChannel("Layer.Combined.R", PixelType.FLOAT),
            new ExrChannel("Layer.Depth.Z", PixelType.HALF),
            new ExrChannel("Layer.IndexOB.X", PixelType.UINT));
    List<byte[]> samples = new ArrayList<>();
    Path folder = Files.createTempDirectory("fuzz");
    Path sample = folder.resolve("sample.exr");
    for (Compression compression : Compression.values()) {
      ExrWriter.write(
          sample,
          ExrHeader.of(SIZE, channels, compression),
          (firstRow, _, pixels) -> {
            while (pixels.hasRemaining()) {
              pixels.put((byte) (pixels.position() / 9 * 7 + firstRow));
            }
          });
      samples.add(Files.readAllBytes(sample));
    }
    Commands.delete(folder);
    return samples;
  }

  @Override
  public void take(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try {
      var _ = CellCheck.check(file, new Tile(0, 0, SIZE.width(), SIZE.height()), 0);
      try (ExrReader reader = ExrReader.open(file)) {
        reader.verify();
        var _ = reader.plane(reader.header().channels().getFirst().name());
      }
    } catch (ExrFormatException e) {
      // Refused in its own words, which name the file.
      if (!String.valueOf(e.getMessage()).contains(file.toString())) {
        throw new IllegalStateException("It does not name the file: " + e.getMessage(), e);
      }
    }
  }
}
