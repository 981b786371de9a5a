package io.blendnet.storage.spi;

import java.io.IOException;

/** Bytes that are not what their sender announced: another length or another sum. None is kept. */
public final class BlobMismatchException extends IOException {
  private static final long serialVersionUID = 1L;

  public BlobMismatchException(String what, String announced, String found) {
    super(
        "The bytes differ from what was announced: %s %s announced, %s arrived"
            .formatted(what, announced, found));
  }
}
