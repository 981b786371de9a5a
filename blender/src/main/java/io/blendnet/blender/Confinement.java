package io.blendnet.blender;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a session in a sandbox sees beside the system's programs and its own folder.
 *
 * @param network whether it has this computer's network; else it has none, not even loopback's
 * @param readable files and folders that it reads. Nothing in them can be changed from inside,
 *     whoever owns it
 * @param writable folders for its results
 */
public record Confinement(
    Sandbox sandbox, boolean network, List<Path> readable, List<Path> writable) {
  public Confinement {
    readable = readable.stream().map(Path::toAbsolutePath).toList();
    writable = writable.stream().map(Path::toAbsolutePath).toList();
  }

  /** The same with more. */
  Confinement with(List<Path> moreReadable, List<Path> moreWritable) {
    List<Path> reads = new ArrayList<>(moreReadable);
    reads.addAll(readable);
    List<Path> writes = new ArrayList<>(moreWritable);
    writes.addAll(writable);
    return new Confinement(sandbox, network, reads, writes);
  }
}
