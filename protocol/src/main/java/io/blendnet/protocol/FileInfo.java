package io.blendnet.protocol;

/**
 * A file of a task.
 *
 * @param id SHA-1 of its content, lower-case hex
 * @param path as {@link WirePaths} normalises it
 */
public record FileInfo(String id, String path, BlobInfo blob) {
  public FileInfo(String path, BlobInfo blob) {
    this(blob.id(), path, blob);
  }
}
