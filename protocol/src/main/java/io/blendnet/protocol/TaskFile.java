package io.blendnet.protocol;

/**
 * A stored content that is to be a file of a task.
 *
 * @param path by the rules of {@link WirePaths}; normalised here
 * @param sha256 of the content, lower-case hex
 */
public record TaskFile(String path, String sha256) {
  public TaskFile {
    path = WirePaths.normalise("path", path);
    WireHashes.check("sha256", sha256);
  }
}
