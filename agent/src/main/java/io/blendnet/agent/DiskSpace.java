package io.blendnet.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Tells a full disk from other trouble: what Blender says about it cannot be trusted. */
final class DiskSpace {
  /** With less than this the next file of a cell hardly fits. */
  static final long LEAST = 32L << 20;

  private DiskSpace() {}

  /** A sentence for the user where a folder's disk is full. */
  static Optional<String> shortage(Path folder) {
    try {
      return shortage(folder, Files.getFileStore(folder).getUsableSpace());
    } catch (IOException e) {
      return Optional.of("The folder %s cannot be used: %s".formatted(folder, e));
    }
  }

  static Optional<String> shortage(Path folder, long usable) {
    return usable >= LEAST
        ? Optional.empty()
        : Optional.of(
            "The disk with the folder %s is full: %d MB are left. Make room there, or give the agent another data folder"
                .formatted(folder, usable >> 20));
  }
}
