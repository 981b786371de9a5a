package io.blendnet.protocol;

import java.io.IOException;
import java.nio.file.Path;

/** A file is no longer what it was when its sending began. The message is for the user. */
public final class FileChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Path file;

  public FileChangedException(Path file) {
    super("%s changed while it was being sent".formatted(file));
    this.file = file;
  }

  /** The file that changed. */
  public Path file() {
    return file;
  }
}
