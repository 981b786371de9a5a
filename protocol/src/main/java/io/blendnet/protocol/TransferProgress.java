package io.blendnet.protocol;

/** Hears how far a file is. Called from threads of the HTTP client, must return at once. */
@FunctionalInterface
public interface TransferProgress {
  TransferProgress NONE = (_, _) -> {};

  /**
   * Some bytes moved.
   *
   * @param bytes moved so far; begins again when a transfer is tried again
   * @param total size of the file in bytes
   */
  void moved(long bytes, long total);
}
