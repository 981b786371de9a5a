package io.blendnet.bench;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.FileChecksum;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A folder with a scene that renders at once, and files beside it that compress to nothing less.
 *
 * @param files that are measured, without the scene
 * @param contents of them
 */
record TransferProject(Path folder, List<Path> files, List<BlobId> contents, long bytes) {
  private static final int PIECE = 1 << 20;

  /**
   * Makes one.
   *
   * @param scene is copied
   * @param size bytes of each file
   */
  static TransferProject make(Path folder, Path scene, int count, long size, long seed)
      throws IOException {
    Files.createDirectories(folder);
    Files.copy(scene, folder.resolve("still.blend"));
    var random = new SplittableRandom(seed);
    List<Path> files = new ArrayList<>();
    List<BlobId> contents = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      Path file = folder.resolve("texture-%05d.bin".formatted(number));
      write(file, size, random);
      files.add(file);
      contents.add(new BlobId(FileChecksum.SHA_256.of(file)));
    }
    return new TransferProject(folder, List.copyOf(files), List.copyOf(contents), count * size);
  }

  private static void write(Path file, long size, SplittableRandom random) throws IOException {
    byte[] piece = new byte[(int) Math.min(PIECE, size)];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = size; left > 0; left -= piece.length) {
        random.nextBytes(piece);
        out.write(piece, 0, (int) Math.min(piece.length, left));
      }
    }
  }

  /** Those of the contents that a server does not have yet. */
  static final class Absent {
    private final Map<BlobId, Path> left = new HashMap<>();

    Absent(TransferProject project, FarmProcess server) {
      Path blobs = server.data().resolve("blobs");
      for (BlobId id : project.contents) {
        String name = id.sha256();
        left.put(id, blobs.resolve(name.substring(0, 2)).resolve(name.substring(2)));
      }
    }

    /** Looks anew. */
    boolean isNone() {
      left.values().removeIf(Files::exists);
      return left.isEmpty();
    }
  }
}
